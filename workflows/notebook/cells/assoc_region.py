trait = max(drawn, key=lambda t: points[t]["neg_log10_p"].max())  # the trait of the smallest p; set it to another
lead = strongest(load(trait, NAMES, points[trait]["neg_log10_p"].max())).iloc[0]
t = points[trait]
near = t[(t["chrom"] == lead.chrom) & ((t["pos"] - lead.pos).abs() <= WINDOW)]
print(f"{trait}: {called(lead)} at {lead.chrom}:{lead.pos:,}, {len(near):,} tests within {WINDOW:,} bases")

figure, ax = plt.subplots(figsize=(11, 4), layout="constrained")
ax.scatter(near["pos"] / 1e6, near["neg_log10_p"], s=10, color=SERIES[0], linewidths=0)
ax.plot(lead.pos / 1e6, lead.neg_log10_p, "D", color=SERIES[1], label=called(lead))
ax.axhline(HIT, linestyle="--", linewidth=1, color=SERIES[1])
ax.set(title=f"{trait}, around {called(lead)}", xlabel=f"position on {lead.chrom}, Mb", ylabel="-log10 p", ylim=(0, None))
ax.legend()
plt.show()
