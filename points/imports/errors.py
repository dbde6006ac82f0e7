"""What is refused about a file, a column, a row or a cell.

Errors of a file end an import before anything is kept.  Errors of a row or a cell travel in a
``RowProblem`` and refuse only that row.
"""

from points.errors import Conflict, Invalid, Missing


class FileProblem(Invalid):
    """The file as a whole cannot be read."""

    message = "This file cannot be read."


class WrongFileType(FileProblem):
    """A picture, a letter, an archive."""

    message = (
        "{name} is a {found} file. Wanted is a table: CSV, Excel (.xlsx, .xls), "
        "OpenDocument (.ods) or GeoJSON."
    )


class FileEmpty(FileProblem):
    """Nothing in it."""

    message = "{name} is empty."


class FileTooLarge(FileProblem):
    """More than anybody's list of neighbours."""

    message = "{name} has {megabytes} MB. At most {most} MB are read at once; split the file."


class TooManyRows(FileProblem):
    """More rows than one transaction should hold."""

    message = "{name} has more than {most} rows. Split the file."


class FileDamaged(FileProblem):
    """It claims a format and breaks it."""

    message = "{name} is damaged: {detail}."


class PasswordProtected(FileProblem):
    """An encrypted workbook."""

    message = "{name} is protected by a password. Save a copy without one."


class UnknownEncoding(FileProblem):
    """No such codec."""

    message = "There is no text encoding called {encoding}. Try utf-8 or gb18030."


class Undecodable(FileProblem):
    """No encoding fits, or the one asked for does not."""

    message = (
        "{name} is not {encoding}: byte {byte} at position {position} fits no character. "
        "Save it as UTF-8, or name its encoding."
    )


class HeaderMissing(FileProblem):
    """The first rows name no known column."""

    message = "No row of {name} names its columns. The first row reads: {first_row}"


class ColumnsMissing(FileProblem):
    """Some needed column was not recognised."""

    message = "These columns are missing: {columns}. Found were: {found}"


class ColumnsAmbiguous(FileProblem):
    """Two headers mean the same."""

    message = "More than one column means the same: {columns}. Keep one, or rename the other."


class NoRows(FileProblem):
    """A header with nothing below."""

    message = "{name} has column names and no rows below them."


class CellTooLong(Invalid):
    """Often a quotation mark that was never closed."""

    message = (
        "The cell has {count} characters, at most {most} are taken. "
        "A quotation mark may be missing before it."
    )


class CellsTooMany(Invalid):
    """More cells than the header names."""

    message = "The row has {count} cells, the header names {named}. A separator may be too many."


class ExampleRow(Invalid):
    """The first row of a template that was sent in unchanged."""

    message = "This is the example row of the template. It was left out."


class ValueMissing(Invalid):
    """A needed cell is empty."""

    message = "This cell is empty and has to be filled in."


class TextTooLong(Invalid):
    """Longer than the column takes."""

    message = "This is {count} characters long, at most {most} are kept."


class NameUnreadable(Invalid):
    """Control characters or digits only where a name is wanted."""

    message = "This is not a name: {value}"


class BadNumber(Invalid):
    """Text where a number belongs."""

    message = "This is not a number: {value}"


class BadDate(Invalid):
    """No date of the calendar."""

    message = "This is no date: {value}. Write it like 2026-11-22."


class BadTime(Invalid):
    """No time of day."""

    message = "This is no time of day: {value}. Write it like 14:00."


class BadDuration(Invalid):
    """No length of time."""

    message = "This is no length of time: {value}. Write it like 2小时, 90分钟 or 1:30."


class DurationWithoutUnit(Invalid):
    """2 may be hours, 90 may be minutes; nothing is guessed."""

    message = (
        "Is {value} hours or minutes? Write 2小时 or 120分钟, or name the column 小时 or 分钟."
    )


class DurationOutOfRange(Invalid):
    """Nothing, or more than a day."""

    message = "{minutes} minutes cannot be served in one day."


class EndBeforeStart(Invalid):
    """Ends before it begins."""

    message = "The end {end} is not after the start {start}."


class TimesDisagree(Invalid):
    """The length given is longer than the time between start and end."""

    message = "{minutes} minutes do not fit between {start} and {end}."


class RowInFuture(Invalid):
    """Not yet done."""

    message = "{date} is still to come. Only service that was done can be taken over."


class BirthDateImpossible(Invalid):
    """In the future, or before anybody alive."""

    message = "Nobody here was born on {date}."


class PhoneUnreadable(Invalid):
    """Neither a mobile nor a landline number of the mainland."""

    message = "This is not a phone number: {value}"


class CardUnreadable(Invalid):
    """A card number with strange characters."""

    message = "This is not a card number: {value}. Letters, digits and dashes are taken."


class RowRoleUnknown(Invalid):
    """No such role."""

    message = "There is no role called {value}."


class RoleNotImported(Invalid):
    """Roles need two people and are never given by a list."""

    message = (
        "{value} is a role that two people have to grant. The person was taken without it; "
        "grant it on the roles page."
    )


class PhoneOfAnother(Conflict):
    """The phone belongs to someone with another name."""

    message = "The phone number belongs to another person already."


class CardOfAnother(Conflict):
    """The card belongs to someone with another name."""

    message = "The card number belongs to another person already."


class PhoneAndCardOfTwo(Conflict):
    """The phone says one person, the card another."""

    message = "The phone number and the card number belong to two different people."


class RowPersonElsewhere(Conflict):
    """Known already in an area outside of the one imported into."""

    message = "This person already belongs to another area. Move the person there, not by import."


class PersonTwice(Invalid):
    """Two rows of one file are the same person."""

    message = "The same person already stands on line {first_line}. Only that one was taken."


class RowPersonUnknown(Invalid):
    """Nobody fits."""

    message = "Nobody here has this phone, card or name: {value}"


class PersonUnclear(Invalid):
    """Several people fit a name."""

    message = "{count} people here are called {value}. Add a phone, a card or the building."


class GuardianUnknown(Invalid):
    """No such guardian in the file or in the books."""

    message = "The guardian {value} was found neither in this file nor among those here."


class GuardianNeeded(Invalid):
    """A child without anybody."""

    message = (
        "Children under 14 need a guardian: a name of the same flat, a phone or a card number."
    )


class GuardianAdvised(Invalid):
    """Between 14 and 18: taken, but service needs a guardian's consent."""

    message = "This person is under 18. Name a guardian before the first service."


class GuardianIsChild(Invalid):
    """A guardian under 18."""

    message = "The guardian {value} is under 18 too."


class AreaUnclear(Invalid):
    """The estate named is not the one imported into and cannot be told."""

    message = (
        "Which estate? {value} is none of this area. Check the name, or import again allowing "
        "new estates."
    )


class BuildingMissing(Invalid):
    """A flat without its building or stairwell."""

    message = "A flat needs its building or stairwell, or it could be any door of the estate."


class ServiceTwice(Invalid):
    """Two rows say the same."""

    message = "The same service already stands on line {first_line}. Only that one was taken."


class CategoryNotFound(Invalid):
    """No such category of service."""

    message = (
        "Which kind of service is {value}? Fill in the category column, or name one for all rows."
    )


class TargetMissing(Missing):
    """No area of that name or number, or none at all."""

    message = "There is no area {named} to import into. Found one first with linli init."


class TargetUnclear(Invalid):
    """Several areas fit."""

    message = "Into which area? Name one of these, by its number if need be: {found}"


class StewardUnknown(Missing):
    """Nobody with that phone or card, or no steward at all."""

    message = "No steward was found to answer for this import. Name one by phone or card."
