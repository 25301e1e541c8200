package image

// painting is how a channel is drawn: the row of a read, and a row of the
// reference, whose letters are given per column. dst begins with the channel's
// byte of column 0, and the next column is step bytes on; columns left alone
// stay 0.
type painting struct {
	read func(p *Painter, l *layout, dst []byte, step int)
	ref  func(p *Painter, letters []byte, dst []byte, step int)

	// whole, where not nil, draws over the whole picture when its rows are done.
	whole func(p *Painter, img []byte, step int)
}

// paintings are the channels that are drawn by themselves, by their numbers.
var paintings = [...]painting{
	ReadBase:              {read: readBase, ref: refBase},
	BaseQuality:           {read: readQuality, ref: refQuality},
	MappingQuality:        {read: readMapQ, ref: refLightest},
	Strand:                {read: readStrand, ref: refStrand},
	ReadSupportsVariant:   {read: readSupport, ref: refSupport},
	BaseDiffersFromRef:    {read: readDiffers, ref: refDiffers},
	HaplotypeTag:          {read: readHaplotype, ref: refEmpty},
	AlleleFrequency:       {read: readFrequency, ref: refEmpty},
	ReadMappingPercent:    {read: readMapped, ref: refLightest},
	AvgBaseQuality:        {read: readMeanQuality, ref: refLightest},
	Identity:              {read: readMapped, ref: refLightest},
	GapCompressedIdentity: {read: readGapCompressed, ref: refLightest},
	GCContent:             {read: readGC, ref: refGC},
	IsHomopolymer:         {read: readIsHomopolymer, ref: refIsHomopolymer},
	HomopolymerWeighted:   {read: readHomopolymer, ref: refHomopolymer},
	Blank:                 {read: readEmpty, ref: refEmpty},
	InsertSize:            {read: readInsertSize, ref: refLightest},
	MeanCoverage:          {read: readEmpty, ref: refEmpty, whole: coverage},
	BaseMethylation:       {read: readMethylation, ref: refEmpty},
	Base6mA:               {read: read6mA, ref: refEmpty},
}

func readEmpty(*Painter, *layout, []byte, int) {}
func refEmpty(*Painter, []byte, []byte, int)   {}

// refLightest is the reference row of what is at its best there.
func refLightest(_ *Painter, letters, dst []byte, step int) {
	fillRow(dst, step, len(letters), lightest)
}
