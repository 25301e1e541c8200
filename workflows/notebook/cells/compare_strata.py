strata = pd.read_csv(locate(STRATA))
strata = strata[(strata["Filter"] == "PASS") & (strata["Subtype"] == "*")].reset_index(drop=True)
names = strata["Type"] + " " + strata["Context"]
figure, axes = plt.subplots(1, 2, figsize=(11, 1 + 0.3 * len(strata)), sharey=True, layout="constrained")
for ax, measure in zip(axes, ("Recall", "Precision")):
    ax.hlines(names, strata[measure + ".Low"], strata[measure + ".High"], color=SERIES[0])
    ax.plot(strata["METRIC." + measure], names, "o", color=SERIES[0])
    ax.set(title=measure + " of what passes, with 95 % intervals", xlabel=measure.lower())
plt.show()
