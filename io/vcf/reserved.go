package vcf

// rule is what a specification, or a header, says of the values of a key.
type rule struct {
	number string // empty where it is left open
	kind   string // empty where it is left open
	least0 bool   // values are not negative
	since  int    // the minor version of VCF that reserved the key
}

// reservedInfo is the INFO keys whose meaning is fixed (VCF 4.3 section 1.6.1,
// item 8).
var reservedInfo = map[string]rule{
	"AA":        {"1", "String", false, 1},
	"AC":        {"A", "Integer", true, 1},
	"AD":        {"R", "Integer", true, 3},
	"ADF":       {"R", "Integer", true, 3},
	"ADR":       {"R", "Integer", true, 3},
	"AF":        {"A", "Float", true, 1},
	"AN":        {"1", "Integer", true, 1},
	"BQ":        {"1", "Float", false, 1},
	"CIGAR":     {"A", "String", false, 1},
	"DB":        {"0", "Flag", false, 1},
	"DP":        {"1", "Integer", true, 1},
	"END":       {"1", "Integer", true, 1},
	"H2":        {"0", "Flag", false, 1},
	"H3":        {"0", "Flag", false, 1},
	"MQ":        {"1", "", true, 1},
	"MQ0":       {"1", "Integer", true, 1},
	"NS":        {"1", "Integer", true, 1},
	"SOMATIC":   {"0", "Flag", false, 1},
	"VALIDATED": {"0", "Flag", false, 1},
	"1000G":     {"0", "Flag", false, 1},
}

// reservedFormat is the FORMAT keys whose meaning is fixed (VCF 4.3 section
// 1.6.2).
var reservedFormat = map[string]rule{
	"AD":  {"R", "Integer", true, 3},
	"ADF": {"R", "Integer", true, 3},
	"ADR": {"R", "Integer", true, 3},
	"DP":  {"1", "Integer", true, 1},
	"EC":  {"A", "Integer", true, 1},
	"FT":  {"1", "String", false, 1},
	"GL":  {"G", "Float", false, 1},
	"GLE": {"G", "String", false, 1},
	"GP":  {"G", "Float", false, 1},
	"GQ":  {"1", "Integer", true, 1},
	"GT":  {"1", "String", false, 1},
	"HQ":  {"2", "Integer", true, 1},
	"MQ":  {"1", "Integer", true, 1},
	"PL":  {"G", "Integer", true, 1},
	"PQ":  {"1", "Integer", true, 1},
	"PS":  {"1", "Integer", true, 1},
}

// reserved is the rule of a reserved key in version 4.minor.
func reserved(column, key string, minor int) (rule, bool) {
	table := reservedInfo
	if column == "FORMAT" {
		table = reservedFormat
	}
	r, ok := table[key]
	if key == "GLE" && minor > 2 { // VCF 4.3 dropped it
		return rule{}, false
	}
	return r, ok && minor >= r.since
}

// rule is what the header says of a key, or where it says nothing the
// specification; ok is false where nobody says anything.
func (c *checker) rule(column, key string) (r rule, declared, ok bool) {
	r, ok = reserved(column, key, c.minor)
	d, declared := c.header.Info(key)
	if column == "FORMAT" {
		d, declared = c.header.Format(key)
	}
	if declared {
		r.number, r.kind = d.Number, d.Type
	}
	return r, declared, ok || declared
}
