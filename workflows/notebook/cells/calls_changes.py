figure, axes = plt.subplots(1, 2, figsize=(11, 3.5), layout="constrained")
names = [a + ">" + b for a in "ACGT" for b in "ACGT" if a != b]
colours = [SERIES[0] if is_transition(c) else SERIES[1] for c in names]
axes[0].bar(names, [counts.changes[c] for c in names], color=colours, hatch=["" if is_transition(c) else "//" for c in names])
axes[0].set(title="Substitutions (transitions plain, transversions hatched)", ylabel="alternate alleles")
axes[0].tick_params(axis="x", rotation=90)
clipped = Counter()
for length, k in counts.lengths.items():
    clipped[max(-60, min(60, length))] += k
axes[1].bar(list(clipped), list(clipped.values()), color=SERIES[0])
axes[1].set(title="Insertions and deletions", xlabel="change of length (the outermost: and more)", ylabel="alternate alleles")
plt.show()
