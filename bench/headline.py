"""What a report says of failures that had a precursor, which only the maker of the plant knows: headline.py REPORT TRUTH."""
import csv, json, sys

report, truth = json.load(open(sys.argv[1])), list(csv.DictReader(open(sys.argv[2])))
events = report["events"]
sudden = {(row["asset"], row["end"][:19]) for row in truth if row["outcome"] == "sudden"}
judged = [failure for failure in events["failures"] if failure["verdict"].lower() in ("caught", "missed")]
announced = [failure for failure in judged if (failure["asset"], failure["start"][:19]) not in sudden]
caught = [failure for failure in announced if failure["verdict"].lower() == "caught"]
leads = sorted(failure["leadTimeSeconds"] / 60 for failure in caught)
fleet = events["fleet"]
print(f"precursors {len(caught)} of {len(announced)} caught, {len(caught) / len(announced):.0%} (promised 80 %)")
for component in sorted({failure["component"] for failure in judged}):
    of = [failure for failure in announced if failure["component"] == component]
    print(f"           {component}: {sum(failure in caught for failure in of)} of {len(of)}")
print(f"sudden     {sum(failure['verdict'].lower() == 'caught' for failure in judged) - len(caught)} of {len(judged) - len(announced)} caught")
if leads:
    print(f"lead       median {leads[len(leads) // 2]:.1f} min (promised 5 to 10), p10 {leads[len(leads) // 10]:.1f} min (promised 2)")
print(f"false      {fleet['falseAlerts']} alerts, {fleet['falseAlertsPerAssetDay']['value']:.4f} per asset-day (promised .05)")
for baseline in report["baselines"]:
    of = baseline["fleet"]
    print(f"beside     {baseline['name']}: {of['caught']} of {of['failures']} caught, {of['falseAlerts']} false ({baseline['rule']})")
print(f"cost       {events['cost']:g} of the model")
for note in report["notes"]:
    if "ime to failure" in note:
        print(f"time       {note}")
