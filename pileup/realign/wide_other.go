//go:build !amd64

package realign

// hasWide says that rows can be worked out eight columns at a time: not here,
// where local goes cell by cell with the same result.
const hasWide = false

func wideRow(_, _, _ *uint16, _ *int16, _ int, _ *wideState) {
	panic("realign: wideRow is not there on this machine")
}
