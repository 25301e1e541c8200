package models

// Embedded is the file of a model that is part of the program.
func Embedded(name string) ([]byte, bool) { return nil, false }

// Names lists the models that are part of the program.
func Names() []string { return nil }
