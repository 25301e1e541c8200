package verify

// CallMemory is the memory of gx call.
var CallMemory = Check{Name: "call-memory", Packages: []string{"io/bam", "io/bgzf", "pileup", "pileup/count", "pileup/candidate", "pileup/realign", "workflows/stage"}}

// AssociationTypeOne is how often tests of association find what is not there.
var AssociationTypeOne = Check{Name: "association-type-one", Packages: []string{"gwas", "gwas/exact", "gwas/glm"}}

// Checks is all long checks whose results are stored.
var Checks = []Check{CallMemory}
