"""Makes invoices.csv, an export as an accounting system might write it, from the held-out dates. Needs only Python.

    python make_invoices.py

Every value but the two dates is invented; the same run makes the same file.
"""
import csv
import os
import random

ROWS = 2500
FOLDER = os.path.dirname(os.path.abspath(__file__))

FIRST = ("Alder Birch Cedar Copper Dune Elm Falcon Granite Harbour Juniper Lark Maple Meridian North Orchid Pine Quarry "
         "Raven Silver Tidal Umber Violet Willow Zephyr").split()
SECOND = "Analytics,Bäckerei,Café,Design,Elektrik,Foods,Imports,Légumes,Logistics,Motoren,Panadería,Press,Textil,Tools,Vini,Works".split(",")
FORM = "GmbH,Ltd,S.A.,S.L.,S.r.l.,Inc.,& Söhne,et Fils,y Hijos,e Figli".split(",")
CURRENCY = "EUR EUR EUR USD GBP CHF".split()
NOTE = ["", "", "", "paid in full", "2nd reminder", "see attachment", "partial delivery, rest follows", "discount 3%",
        'customer asked: "split in two"', "Rückfrage läuft", "réf. client manquante", "pagado por transferencia",
        "in attesa di conferma", "net 30", "cash", "old address; moved"]


def row(number, messy, iso, r):
    customer = f"{r.choice(FIRST)} {r.choice(SECOND)} {r.choice(FORM)}"
    amount = f"{r.lognormvariate(5.5, 1.1):.2f}"
    return [f"INV-{100000 + 7 * number}", customer, amount, r.choice(CURRENCY), r.choice(NOTE), messy, iso]


def main():
    with open(os.path.join(FOLDER, "heldout.csv"), newline="", encoding="utf-8") as f:
        dates = [(each["messy"], each["iso"]) for each in csv.DictReader(f)][:ROWS]
    r = random.Random(2026)
    with open(os.path.join(FOLDER, "invoices.csv"), "w", newline="", encoding="utf-8") as f:
        writer = csv.writer(f, lineterminator="\n")
        writer.writerow(["invoice_id", "customer", "amount", "currency", "note", "invoice_date", "reference_iso"])
        writer.writerows(row(i, messy, iso, r) for i, (messy, iso) in enumerate(dates))


if __name__ == "__main__":
    main()
