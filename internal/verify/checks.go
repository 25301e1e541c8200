package verify

// CallMemory is the memory of gx call.
var CallMemory = Check{Name: "call-memory", Packages: []string{"io/bam", "io/bgzf", "pileup", "pileup/count", "pileup/candidate", "pileup/realign", "workflows/stage"}}

// Checks is all long checks whose results are stored.
var Checks = []Check{CallMemory}
