def manhattan(ax, trait):
    """All tests by place; below 3 one dot stands for all that would lie on the same pixel."""
    t = points[trait]
    at, ticks, names = 0, [], []
    for k, chrom in enumerate(sorted(set(t["chrom"]), key=place)):
        c = t[t["chrom"] == chrom]
        x, y = c["pos"].to_numpy(dtype=float), c["neg_log10_p"].to_numpy()
        pixel = pd.DataFrame({"x": (x // 1e6), "y": (y * 50).astype(int)})
        keep = (y >= 3) | ~pixel.duplicated().to_numpy()
        ax.scatter(at + x[keep], y[keep], s=6, color=SERIES[0] if k % 2 == 0 else "0.45", linewidths=0, rasterized=True)
        ticks.append(at + x.max() / 2)
        names.append(place(chrom)[1])
        at += x.max() * 1.02
    ax.axhline(HIT, linestyle="--", linewidth=1, color=SERIES[1])
    ax.set_xticks(ticks, names, fontsize=8, rotation=90 if len(names) > 12 else 0)
    ax.set(title=trait, xlabel="chromosome", ylabel="-log10 p", ylim=(0, None))


for trait in drawn:
    figure, ax = plt.subplots(figsize=(11, 4), layout="constrained")
    manhattan(ax, trait)
    plt.show()
