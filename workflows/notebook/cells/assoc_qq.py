try:
    from scipy.stats import beta
except ImportError:  # the band is left out
    beta = None


def qq(ax, trait):
    """Quantiles of -log10 p against those of chance, with the band in which 95 % of each would lie."""
    x = np.sort(points[trait]["neg_log10_p"])[::-1]
    n = len(x)
    ranks = np.unique(np.r_[np.arange(1, min(n, 40) + 1), np.round(np.geomspace(min(n, 40), n, 160)).astype(int)])
    expected = -np.log10((ranks - 0.5) / n)
    if beta is not None:
        low, high = -np.log10(beta.ppf([[0.975], [0.025]], ranks, n - ranks + 1))
        ax.fill_between(expected, low, high, color="0.87", label="95 % band")
    ax.plot([0, expected[0]], [0, expected[0]], "--", color="0.4", linewidth=1)
    ax.plot(expected, x[ranks - 1], ".", color=SERIES[0], label="observed")
    ax.set(title=f"{trait}: lambda GC {inflation(x):.3f}", xlabel="expected -log10 p", ylabel="observed -log10 p")
    ax.legend(loc="upper left")


drawn = [t for t in points if len(points[t])][:MOST_FIGURES]
for trait in drawn:
    figure, ax = plt.subplots(figsize=(5, 5), layout="constrained")
    qq(ax, trait)
    plt.show()
