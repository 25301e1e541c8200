package verify

// engine is the packages of the numeric engine.
var engine = []string{"internal/kern", "internal/nn", "io/weights"}

// The checks.
var (
	// CallMemory is the memory of gx call.
	CallMemory = Check{Name: "call-memory", Packages: []string{"io/bam", "io/bgzf", "pileup", "pileup/count", "pileup/candidate", "pileup/noise", "pileup/realign", "workflows/stage"}}
	// ExamplesMemory is the memory of gx examples where reads lie deep.
	ExamplesMemory = Check{Name: "examples-memory", Packages: []string{"io/bam", "io/bgzf", "pileup", "pileup/count", "pileup/candidate", "pileup/realign", "pileup/image", "pileup/example"}}
	// ONNX compares foreign networks with ONNX Runtime.
	ONNX = Check{Name: "onnx", Packages: engine}
	// ARM64 runs the engine's tests as arm64 programs.
	ARM64 = Check{Name: "arm64", Packages: engine}
)

// AssociationTypeOne is how often tests of association find what is not there.
var AssociationTypeOne = Check{Name: "association-type-one", Packages: []string{"gwas", "gwas/exact", "gwas/glm"}}

// NullModel is how well null models predict, by the original's recipe too.
var NullModel = Check{Name: "nullmodel", Packages: []string{"nullmodel"}}

// Records is what the records of a whole genome and of many samples take in
// memory and time.
var Records = Check{Name: "records", Packages: []string{"io/bgzf", "io/tfrecord", "io/vcf", "pileup/example", "variant/compare", "variant/genotype", "variant/gvcf",
	"variant/merge", "variant/simulate", "workflows/stage"}}

// NullModelTypeOne is how often tests beside a null model find what is not
// there, NullModelPower how much more they find of what is.
var (
	NullModelTypeOne = Check{Name: "nullmodel-type-one", Packages: []string{"nullmodel", "gwas/simulate"}}
	NullModelPower   = Check{Name: "nullmodel-power", Packages: []string{"nullmodel", "gwas/simulate"}}
)

// Chaos is plans that are killed, and whose store fails, at every point.
var Chaos = Check{Name: "chaos", Packages: []string{"workflows/plan", "io/object"}}

// Images is whether two builds give the same images, and what they weigh.
var Images = Check{Name: "images", Packages: []string{"internal/oci", "internal/sbom", "cmd/internal/images"}}

// Containers is whether tasks done in containers of the images give what the
// commands give.
var Containers = Check{Name: "containers", Packages: []string{"cmd/internal/images", "cmd/internal/worker", "internal/oci"}}

// Elastic is training by workers that are killed, and so is their coordinator.
var Elastic = Check{Name: "elastic", Packages: []string{"internal/elastic", "internal/nn", "variant/train"}}

// Notebook is notebooks that are run, and put out what was saved in them.
var Notebook = Check{Name: "notebook", Packages: []string{"workflows/notebook", "workflows/notebook/cells", "gwas/summary"}}

// FirstPass is what the first network of wgs settles, and what is lost by it.
var FirstPass = Check{Name: "first-pass", Packages: []string{"internal/nn", "variant/classify", "workflows/models", "pileup/candidate", "pileup/noise", "pileup/realign"}}

// Checks is all long checks whose results are stored.
var Checks = []Check{CallMemory, Elastic, ExamplesMemory, ONNX, ARM64, NullModel, Chaos, Records, AssociationTypeOne, NullModelTypeOne, NullModelPower, Images, Containers, Notebook, FirstPass}
