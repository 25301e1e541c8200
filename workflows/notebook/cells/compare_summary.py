summary = pd.read_csv(locate(COMPARISON), keep_default_na=False, dtype=str)
counted = ["Type", "Filter", "TRUTH.TOTAL", "TRUTH.TP", "TRUTH.FN", "QUERY.TOTAL", "QUERY.FP", "FP.gt"]
show(summary[[*counted, "METRIC.Recall", "METRIC.Precision", "METRIC.F1_Score"]].rename(columns=lambda c: c.removeprefix("METRIC.")))
