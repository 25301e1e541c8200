package stage

// Kinds are the stages that plans may have steps of. A stage that is added here
// can be planned, cut, resumed and run by a worker.
func Kinds() []*Kind {
	return []*Kind{CallKind(), ExamplesKind(), ClassifyKind(), GenotypeKind(), MergeKind(), NullModelKind(), RidgeKind(), AssocKind(), TrainKind(), ReportKind(), NotebookKind()}
}
