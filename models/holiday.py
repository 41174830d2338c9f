"""Public holidays of countries and their subdivisions, as the ``holidays`` package knows them. Pure.

Public holidays only, with the days on which they are observed instead; bank and school holidays are not in it. What is
closed on them is for ``models.calendar`` to say.
"""

from datetime import date
from difflib import get_close_matches
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def check_region(country: str, subdivision: str | None = None) -> None:
    """Refuse a country or a subdivision of which no holidays are known.

    Args:
        country: ISO 3166-1 code of two letters, such as ``DE``.
        subdivision: the part of an ISO 3166-2 code after the dash, such as ``BE``.

    Raises:
        ValueError: naming near ones.
    """
    countries = _countries()
    if country not in countries:
        near = _near_country(country, countries)
        raise ValueError(f"no holidays are known of country {country!r}: write an ISO 3166 code such as DE{near}")
    if subdivision is None:
        return
    codes, names = _subdivisions(country)
    if subdivision not in codes:
        similar = get_close_matches(subdivision.upper(), codes, n=1)
        code = names.get(subdivision.casefold()) or (similar[0] if similar else None)
        meant = f"; did you mean {code}?" if code else ""
        known = f"known are {', '.join(codes)}" if codes else "none are known"
        raise ValueError(f"{country} has no subdivision {subdivision!r}: {known}{meant}")


@lru_cache(maxsize=4096)
def public_holidays(country: str, subdivision: str | None, year: int) -> frozenset[date]:
    """Return the public holidays of a calendar year; empty where the country's are not known that far.

    Args:
        country: as ``check_region`` accepts it.
        subdivision: None for what the whole country keeps.
        year: of the Gregorian calendar.
    """
    # Imported where it is needed: it takes a quarter of a second, and most agreements run around the clock.
    from holidays import country_holidays

    return frozenset(country_holidays(country, subdiv=subdivision, years=year))


@lru_cache(maxsize=1)
def _countries() -> dict[str, tuple[str, ...]]:
    """Return the other names of each country (English name, code of three letters) by its code."""
    from holidays.registry import COUNTRIES

    return {codes[1]: (module, *codes) for module, codes in COUNTRIES.items()}


def _near_country(country: str, countries: "dict[str, tuple[str, ...]]") -> str:
    folded = country.strip().casefold().replace(" ", "_")
    exact = [code for code, names in countries.items() if folded in {name.casefold() for name in names}]
    names = {name.casefold(): code for code, others in countries.items() for name in others}
    near = exact or [names[name] for name in get_close_matches(folded, names, n=1)]
    return f"; did you mean {near[0]}?" if near else ""


def _subdivisions(country: str) -> "tuple[tuple[str, ...], dict[str, str]]":
    """Return a country's subdivision codes, and codes by folded name."""
    from holidays import country_holidays

    region = country_holidays(country)
    aliases = getattr(region, "subdivisions_aliases", {})
    spelled: Iterable[tuple[str, str]] = [*aliases.items(), *((code, code) for code in region.subdivisions)]
    return tuple(region.subdivisions), {name.casefold(): code for name, code in spelled}
