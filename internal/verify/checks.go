package verify

// Checks is all long checks whose results are stored.
var Checks = []Check{}
