"""Outlines and points from JSON: GeoJSON, and lists of {name, rings, c} with [lat, lon] corners."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from points.imports.errors import FileDamaged
from points.imports.rows import Cell, Rings, Row

GEOMETRY = ("lat", "lon", "rings")
Table = tuple[tuple[str, ...], list[Row]]


def read_json(name: str, text: str) -> Table:
    """Header and rows; the geometry is in the last columns ``lat``, ``lon`` and ``rings``."""
    try:
        document = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise FileDamaged(name=name, detail=_where(error)) from None
    try:
        records = _records(document)
        return _table(records)
    except (TypeError, ValueError, KeyError, IndexError, AttributeError) as error:
        raise FileDamaged(name=name, detail=f"no GeoJSON ({error})") from None


def _where(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg}, line {error.lineno}, column {error.colno}"
    return "nested too deep"


def _records(document: Any) -> list[dict[str, Cell]]:
    if isinstance(document, list):
        return [_from_town(entry) for entry in document]
    kind = document["type"]
    if kind == "FeatureCollection":
        return [_from_feature(feature) for feature in document["features"]]
    return [_from_feature(document if kind == "Feature" else {"geometry": document})]


def _from_town(entry: Mapping[str, Any]) -> dict[str, Cell]:
    rest = {key: entry[key] for key in entry if key not in {"rings", "c", "a"}}
    centre = entry.get("c") or (None, None)
    record = _properties({"district" if key == "dist" else key: rest[key] for key in rest})
    record |= {"lat": _number(centre[0]), "lon": _number(centre[1])}
    record["rings"] = _rings(entry["rings"], lat_first=True) if "rings" in entry else None
    return record


def _from_feature(feature: Mapping[str, Any]) -> dict[str, Cell]:
    record = _properties(feature.get("properties") or {})
    geometry = feature.get("geometry")
    record |= {"lat": None, "lon": None, "rings": None}
    if geometry is None:
        return record
    coordinates, kind = geometry["coordinates"], geometry["type"]
    if kind == "Point":
        record |= {"lat": _number(coordinates[1]), "lon": _number(coordinates[0])}
    elif kind == "Polygon":
        record["rings"] = _rings(coordinates, lat_first=False)
    elif kind == "MultiPolygon":
        rings = [ring for polygon in coordinates for ring in polygon]
        record["rings"] = _rings(rings, lat_first=False)
    else:
        raise ValueError(f"geometry {kind}")
    return record


def _properties(properties: Mapping[str, Any]) -> dict[str, Cell]:
    """What is text or number; the geometry wins over properties of the same name."""
    return {
        str(key): value if isinstance(value, str | int | float) else None
        for key, value in properties.items()
        if str(key).lower() not in GEOMETRY and not isinstance(value, dict | list)
    }


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _rings(rings: Iterable[Sequence[Sequence[Any]]], *, lat_first: bool) -> Rings:
    lat, lon = (0, 1) if lat_first else (1, 0)
    return tuple(
        tuple((float(corner[lat]), float(corner[lon])) for corner in ring) for ring in rings
    )


def _table(records: list[dict[str, Cell]]) -> Table:
    names = dict.fromkeys(key for record in records for key in record if key not in GEOMETRY)
    header = (*names, *GEOMETRY)
    return header, [
        Row(number, tuple(record.get(key) for key in header))
        for number, record in enumerate(records, 1)
    ]
