"""What codes are called on a page: ``{{ _(labels.ROLES[code]) }}``."""

from collections.abc import Mapping

from web.i18n import N_

ROLES: Mapping[str, str] = {
    "volunteer": N_("Volunteer"),
    "stairwell_leader": N_("Stairwell leader"),
    "organizer": N_("Organizer"),
    "committee_member": N_("Committee member"),
    "steward": N_("Steward of the residents' committee"),
}
ROLE_NOTES: Mapping[str, str] = {
    "volunteer": N_("Helps neighbours. Needs no second person."),
    "stairwell_leader": N_("Signs up and takes the roll for the people of one stairwell."),
    "organizer": N_("Sets up activities, takes the roll, confirms hours."),
    "committee_member": N_("Decides with others; approves as the second person."),
    "steward": N_("Enrols people, proposes roles, looks after everything here."),
}
STATES: Mapping[str, tuple[str, str]] = {
    "proposed": ("waiting", N_("Waits for a second person")),
    "upcoming": ("info", N_("Starts later")),
    "active": ("done", N_("In force")),
    "ended": ("quiet", N_("Ended")),
    "revoked": ("quiet", N_("Taken back")),
}
LEVELS: Mapping[str, str] = {
    "city": N_("City"),
    "district": N_("District"),
    "subdistrict": N_("Subdistrict"),
    "committee": N_("Residents' committee"),
    "neighbourhood": N_("Neighbourhood"),
    "grid": N_("Grid"),
    "estate": N_("Estate"),
    "building": N_("Building"),
    "stairwell": N_("Stairwell"),
}
SCOPES: Mapping[str, str] = {
    "read": N_("Only look"),
    "write": N_("Only change"),
    "read write": N_("Look and change"),
    "read staff": N_("Look, also with the duties of your roles"),
    "staff write": N_("Change, also with the duties of your roles"),
    "read staff write": N_("Everything you may, with the duties of your roles"),
    "staff": N_("Nothing yet: duties alone"),
}
READS: Mapping[str, str] = {
    "list": N_("Saw your name in a list"),
    "page": N_("Opened your page"),
    "service_record": N_("Looked at a service of yours"),
    "statement": N_("Looked at your points"),
    "passbook": N_("Printed your passbook"),
    "redemption": N_("Looked at what you asked for"),
    "talent": N_("Looked at your skills to recognise them"),
    "talent_message": N_("Read a message that was reported"),
    "talent_profile": N_("Opened your skills to look after them for you"),
    "talent_brought": N_("Read a message to pass it on by hand"),
    "books": N_("Took the books out with names"),
}
OTHER_READ = N_("Looked at your data")

PROXIES: Mapping[str, str] = {
    "consent": N_("Put down that you agreed"),
    "withdraw": N_("Took something back for you"),
    "redeem": N_("Asked for something for you"),
    "log_service": N_("Logged service for you"),
    "sign_up": N_("Signed you up for an activity"),
    "talent_open": N_("Opened your skills to look after them for you"),
    "talent_text": N_("Wrote your talent profile for you"),
    "talent_skill": N_("Changed your skills for you"),
    "talent_show": N_("Said for you who may see your skills"),
    "talent_hide": N_("Took you off the talent map"),
}
OTHER_PROXY = N_("Did something for you")

# What is asked, in a title and in the words that were agreed to.  Whoever changes the words
# changes the version in points.community.consents as well.
PURPOSES: Mapping[str, tuple[str, str]] = {
    "service_record": (
        N_("Keeping my service under my name"),
        N_(
            "The residents' committee keeps what I did, when, and how many points it earned, "
            "and shows it to those who confirm it."
        ),
    ),
    "public_list": (
        N_("A place on the public list"),
        N_("My name with its middle hidden may stand on the monthly list with hours and points."),
    ),
    "ranking": (
        N_("A place in a ranking of people"),
        N_("My name with its middle hidden may stand in a ranking of who served most."),
    ),
    "photos": (
        N_("Photos on which I can be recognised"),
        N_("Photos from activities that show me may be put up in the neighbourhood."),
    ),
    "talent_map": (
        N_("Being found on the talent map"),
        N_("Neighbours may see what I can do and in which building I live, never my door."),
    ),
    "minor_service": (
        N_("Serving while under 18"),
        N_("The child may take part in service that is safe and fits the age."),
    ),
}
