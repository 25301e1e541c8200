package realign

// hasWide says that rows can be worked out eight columns at a time. SSE2, which
// every amd64 has, is all that it takes.
const hasWide = true

// wideRow works out n blocks of eight columns, n at least 1. prev and cur point
// to the scores of the row above and of this one, at the first of the columns;
// prev is read from one column before. e is the insertions, updated in place,
// profile the scores of the letter of this row.
//
//go:noescape
func wideRow(prev, cur, e *uint16, profile *int16, n int, s *wideState)
