def bars(ax, values, width, most, title, x, y):
    """Bars of counts by value, in bins of a width from 0; what lies above the last bin is in it."""
    bins = np.zeros(most // width + 1)
    for v, k in values.items():
        bins[min(v // width, len(bins) - 1)] += k
    ax.bar(np.arange(len(bins)) * width, bins, width=0.9 * width, align="edge", color=SERIES[0])
    ax.set(title=title, xlabel=x, ylabel=y)


figure, axes = plt.subplots(2, 2, figsize=(11, 7), layout="constrained")
bars(axes[0, 0], counts.quality, 5, 100, "Quality", "QUAL (the last bar: and more)", "SNPs and indels")
bars(axes[0, 1], counts.gq, 5, 100, "Genotype quality", "GQ (the last bar: and more)", "genotypes")
bars(axes[1, 0], counts.depth, 5, 150, "Depth", "DP (the last bar: and more)", "genotypes")
axes[1, 1].bar((np.arange(10) + 0.5) / 10, [counts.vaf[k] for k in range(10)], width=0.09, color=SERIES[0])
axes[1, 1].set(title="Allele balance", xlabel="share of the reads that show a called alternate allele", ylabel="alleles")
plt.show()
