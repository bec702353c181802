"""Messy dates as people write them, with the ISO 8601 date they mean: the data of the demo model. Needs only Python.

    python spellings.py heldout.csv [--rows 4000]

writes the held-out rows (id, messy, iso). Dates run from 1950 to 2049, so a year of two digits means one year only. Only
spellings with one reading are drawn: day and month as numbers with slashes or dashes only where the day is above 12; with
dots the day always comes first. 3/4/2021 is never drawn, so what the model says about it means nothing.
"""
import argparse
import csv
import datetime
import random

FIRST_HELD_OUT_SEED = 20_000_000

MONTHS = {
    "en": ("january february march april may june july august september october november december".split(),
           "jan feb mar apr may jun jul aug sep oct nov dec".split()),
    "de": ("januar februar märz april mai juni juli august september oktober november dezember".split(),
           "jan feb mär apr mai jun jul aug sep okt nov dez".split()),
    "fr": ("janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split(),
           "janv févr mars avr mai juin juil août sept oct nov déc".split()),
    "es": ("enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre".split(),
           "ene feb mar abr may jun jul ago sep oct nov dic".split()),
    "it": ("gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre".split(),
           "gen feb mar apr mag giu lug ago set ott nov dic".split()),
}
DAYS = {
    "en": "monday tuesday wednesday thursday friday saturday sunday".split(),
    "de": "montag dienstag mittwoch donnerstag freitag samstag sonntag".split(),
    "fr": "lundi mardi mercredi jeudi vendredi samedi dimanche".split(),
    "es": "lunes martes miércoles jueves viernes sábado domingo".split(),
    "it": "lunedì martedì mercoledì giovedì venerdì sabato domenica".split(),
}
PREFIX = {
    "en": ["on ", "due ", "dated ", "paid on ", "by ", "as of "],
    "de": ["am ", "vom ", "bis "],
    "fr": ["le ", "du "],
    "es": ["el ", "del "],
    "it": ["il ", "del "],
}


def ordinal(day):
    suffix = "th" if 10 <= day % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{suffix}"


def year_text(year, r):
    """The year in four digits, or in two with or without an apostrophe."""
    x = r.random()
    if x < 0.7:
        return str(year)
    return ("'" if x < 0.9 else "") + f"{year % 100:02d}"


def clock(r):
    h, m = r.randrange(24), r.randrange(60)
    twelve, half = (h - 1) % 12 + 1, "am" if h < 12 else "pm"
    return r.choice([f" {h:02d}:{m:02d}", f" {h}:{m:02d}", f", {h:02d}:{m:02d}:{r.randrange(60):02d}",
                     f"T{h:02d}:{m:02d}:00Z", f" {twelve}{half}", f" at {twelve}:{m:02d} {half.upper()}"])


def numeric(date, r):
    y, m, d = date.year, date.month, date.day
    forms = [f"{y}-{m:02d}-{d:02d}", f"{y}/{m}/{d}", f"{y}.{m:02d}.{d:02d}", f"{d:02d}.{m:02d}.{y}", f"{d}.{m}.{y}",
             f"{y}{m:02d}{d:02d}", f"{d}.{m}.{y % 100:02d}", f"{y}年{m}月{d}日"]
    if d > 12:
        forms += [f"{m}/{d}/{y}", f"{d}/{m}/{y}", f"{m:02d}-{d:02d}-{y}", f"{d:02d}-{m:02d}-{y}",
                  f"{m}/{d}/'{y % 100:02d}"]
    return r.choice(forms)


def named(date, lang, r):
    y, m, d = date.year, date.month, date.day
    full, short = MONTHS[lang]
    name = r.choice([full[m - 1], full[m - 1], short[m - 1], short[m - 1] + "."])
    if r.random() < 0.85:
        name = name.capitalize()
    yt = year_text(y, r)
    forms = {
        "en": [f"{name} {d}, {yt}", f"{name} {ordinal(d)}, {yt}", f"{d} {name} {yt}", f"{ordinal(d)} of {name} {yt}",
               f"{ordinal(d)} {name} {yt}", f"{d}-{name}-{yt}", f"the {ordinal(d)} of {name}, {yt}",
               f"{name} {d} {y}", f"{y} {name} {d}", f"{name}-{d}-{y}"],
        "de": [f"{d}. {name} {yt}", f"{d:02d}. {name} {yt}", f"{d}. {name}, {yt}"],
        "fr": [f"{d} {name} {yt}", f"{'1er' if d == 1 else d} {name} {yt}"],
        "es": [f"{d} de {name} de {y}", f"{d} {name} {yt}", f"{d} de {name} {yt}"],
        "it": [f"{d} {name} {yt}", f"{d}º {name} {yt}"],
    }
    return r.choice(forms[lang])


def messy(date, r):
    """One human spelling of the date. The order of draws is part of the data: held-out rows are made again by it."""
    if r.random() < 0.3:
        text = numeric(date, r)
        if text.endswith("日"):
            return text
        text += clock(r) if r.random() < 0.25 else ""
    else:
        lang = r.choice(["en", "en", "en", "de", "fr", "es", "it"])
        text = named(date, lang, r)
        if r.random() < 0.2:
            day = DAYS[lang][date.weekday()]
            day = r.choice([day, day[:3]])
            text = (day.capitalize() if r.random() < 0.8 else day) + r.choice([", ", " "]) + text
        if r.random() < 0.15:
            text = r.choice(PREFIX[lang]) + text
        if r.random() < 0.2:
            text += clock(r).replace("T", " ").replace("Z", "")
    x = r.random()
    if x < 0.06:
        text = text.upper()
    elif x < 0.14:
        text = text.lower()
    if r.random() < 0.06:
        text = "  " + text.replace(" ", "  ") + " "
    return text


def sample(r):
    """A messy date and its ISO form."""
    date = datetime.date(1950, 1, 1) + datetime.timedelta(days=r.randrange(36524))
    return messy(date, r), date.isoformat()


def held_out(rows):
    """The held-out rows: each from a seed of its own."""
    return [sample(random.Random(FIRST_HELD_OUT_SEED + i)) for i in range(rows)]


def write(path, pairs):
    with open(path, "w", newline="", encoding="utf-8") as f:
        writer = csv.writer(f)
        writer.writerow(["id", "messy", "iso"])
        writer.writerows((i, *pair) for i, pair in enumerate(pairs))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out")
    parser.add_argument("--rows", type=int, default=4000)
    arguments = parser.parse_args()
    write(arguments.out, held_out(arguments.rows))


if __name__ == "__main__":
    main()
