package verify

// CallMemory is the memory of gx call.
var CallMemory = Check{Name: "call-memory", Packages: []string{"io/bam", "io/bgzf", "pileup", "pileup/count", "pileup/candidate", "pileup/realign", "workflows/stage"}}

// NullModel is how well null models predict, by the original's recipe too.
var NullModel = Check{Name: "nullmodel", Packages: []string{"nullmodel"}}

// Checks is all long checks whose results are stored.
var Checks = []Check{CallMemory, NullModel}
