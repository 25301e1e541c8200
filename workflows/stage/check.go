package stage

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/gx-genomics/gx/io/bam"
	"github.com/gx-genomics/gx/io/bed"
	"github.com/gx-genomics/gx/io/fasta"
	"github.com/gx-genomics/gx/io/object"
	"github.com/gx-genomics/gx/io/vcf"
	"github.com/gx-genomics/gx/variant/locus"
)

// Checked is what Check says of one file.
type Checked struct {
	Path     string
	Format   string // FASTA, BAM, SAM, VCF, BED or CRAM
	About    string // what the file holds, in a few words
	Errors   int64
	Warnings int64
	Findings []string // the first of each kind, errors before warnings
	contigs  *locus.Contigs
}

// Check reads files to their ends and says all that is wrong with each, and
// whether they belong together. Every file is reported to emit as it is done;
// the reference, if one is among them, first.
func Check(ctx context.Context, env *Env, paths []string, emit func(*Checked) error) (errs int64, err error) {
	c := &checking{env: env}
	defer c.close()
	for _, path := range c.referenceFirst(ctx, paths) {
		if err := ctx.Err(); err != nil {
			return errs, err
		}
		r := c.file(ctx, path)
		c.together(r)
		errs += r.Errors
		if err := emit(r); err != nil {
			return errs, err
		}
	}
	return errs, nil
}

type checking struct {
	env    *Env
	ref    *fasta.File
	before []*Checked // that have contigs with lengths
}

func (c *checking) close() {
	if c.ref != nil {
		c.ref.Close()
	}
}

// referenceFirst moves the first FASTA file to the front: the others are
// checked against it.
func (c *checking) referenceFirst(ctx context.Context, paths []string) []string {
	for i, path := range paths {
		if format, err := formatOf(ctx, c.env.Store, path); err == nil && format == "FASTA" {
			out := append([]string{path}, paths[:i]...)
			return append(out, paths[i+1:]...)
		}
	}
	return paths
}

func (c *checking) file(ctx context.Context, path string) *Checked {
	r := &Checked{Path: path}
	var err error
	if r.Format, err = formatOf(ctx, c.env.Store, path); err != nil {
		return r.failed(err)
	}
	switch r.Format {
	case "FASTA":
		err = c.fasta(r)
	case "BAM", "SAM", "CRAM":
		err = c.reads(ctx, r)
	case "VCF":
		err = c.vcf(r)
	case "BED":
		err = c.bed(r)
	default:
		err = errors.New("neither FASTA, BAM, SAM, VCF nor BED by its content and name")
	}
	if err != nil {
		return r.failed(err)
	}
	return r
}

// failed records an error, with the path unless it is told already.
func (r *Checked) failed(err error) *Checked {
	text := err.Error()
	if !strings.HasPrefix(text, r.Path) {
		text = r.Path + ": " + text
	}
	r.Errors++
	r.Findings = append(r.Findings, "error: "+text)
	return r
}

// formatOf tells a format by the first bytes of a file, BED by its name.
func formatOf(ctx context.Context, s object.Store, path string) (string, error) {
	o, err := s.Open(ctx, path)
	if err != nil {
		return "", err
	}
	defer o.Close()
	head := make([]byte, 1<<16)
	n, err := o.ReadAt(head, 0)
	if err != nil && err != io.EOF {
		return "", err
	}
	head = head[:n]
	if bytes.HasPrefix(head, []byte("\x1f\x8b")) {
		if z, err := gzip.NewReader(bytes.NewReader(head)); err == nil {
			plain := make([]byte, 1<<12)
			n, _ := io.ReadFull(z, plain) // the head may end within a block
			head = plain[:n]
		}
	}
	name := strings.ToLower(strings.TrimSuffix(strings.TrimSuffix(path, ".gz"), ".bgz"))
	switch {
	case bytes.HasPrefix(head, []byte("BAM\x01")) || strings.HasSuffix(name, ".bam"):
		return "BAM", nil
	case bytes.HasPrefix(head, []byte("CRAM")):
		return "CRAM", nil
	case bytes.HasPrefix(head, []byte("##fileformat=VCF")) || bytes.HasPrefix(head, []byte("BCF\x02")) || strings.HasSuffix(name, ".vcf"):
		return "VCF", nil
	case strings.HasSuffix(name, ".bed") || strings.HasSuffix(name, ".bedpe"):
		return "BED", nil
	case bytes.HasPrefix(head, []byte(">")) || strings.HasSuffix(name, ".fa") || strings.HasSuffix(name, ".fasta"):
		return "FASTA", nil
	case bytes.HasPrefix(head, []byte("@")) || strings.HasSuffix(name, ".sam"):
		return "SAM", nil
	}
	return "", nil
}

func (c *checking) fasta(r *Checked) error {
	f, err := fasta.Open(r.Path, fasta.Options{Notice: func(s string) { c.env.note("%s", s) }})
	if err != nil {
		return err
	}
	r.contigs = f.Contigs()
	r.About = fmt.Sprintf("%d contigs, %d bases", r.contigs.Len(), r.contigs.Bases())
	var other int64
	const piece = 1 << 20
	var buf []byte
	for _, x := range r.contigs.List() {
		for at := 0; at < x.Length; at += piece {
			buf, err = f.Bases(buf[:0], locus.Region{Contig: x.Name, Start: at, End: min(at+piece, x.Length)})
			if err != nil {
				f.Close()
				return err
			}
			for _, b := range buf {
				if b != 'A' && b != 'C' && b != 'G' && b != 'T' && b != 'N' {
					other++
				}
			}
		}
	}
	if other > 0 {
		r.About += fmt.Sprintf(", %d of them IUPAC codes, where no variant is called", other)
	}
	if c.ref == nil {
		c.ref = f
		return nil
	}
	return f.Close()
}

func (c *checking) reads(ctx context.Context, r *Checked) error {
	report, err := bam.Check(ctx, r.Path, bam.Options{})
	if err != nil {
		return err
	}
	r.About = fmt.Sprintf("%d records", report.Records)
	if report.Header != nil {
		r.contigs = report.Header.Contigs
		r.About += fmt.Sprintf(", %d contigs, samples %s", r.contigs.Len(), strings.Join(report.Header.Samples, ", "))
	}
	for _, p := range report.Problems {
		if p.Severity == bam.Failure {
			r.Errors += p.Count
		} else {
			r.Warnings += p.Count
		}
		times := ""
		if p.Count > 1 {
			times = fmt.Sprintf(" (%d times)", p.Count)
		}
		r.Findings = append(r.Findings, fmt.Sprintf("%s: %v%s", p.Severity, p.First, times))
	}
	return nil
}

func (c *checking) vcf(r *Checked) error {
	o := vcf.CheckOptions{Keep: 1000}
	if c.ref != nil {
		o.Contigs, o.Bases = c.ref.Contigs(), c.ref.Bases
	}
	report, err := vcf.Check(r.Path, o)
	if err != nil {
		return err
	}
	r.About = fmt.Sprintf("%s, %d records", report.Version, report.Records)
	r.Errors, r.Warnings = report.Errors, report.Warnings
	r.listed(report.Problems, false, "error: ", 10)
	r.listed(report.Problems, true, "warning: ", 3)
	return nil
}

// listed adds the first few problems, errors or warnings.
func (r *Checked) listed(list []vcf.Problem, warnings bool, kind string, most int) {
	for i := range list {
		if list[i].Warning != warnings {
			continue
		}
		if most--; most < 0 {
			r.Findings = append(r.Findings, kind+"and more")
			return
		}
		r.Findings = append(r.Findings, kind+list[i].Error.Error())
	}
}

func (c *checking) bed(r *Checked) error {
	var o bed.Options
	if c.ref != nil {
		o.Contigs = c.ref.Contigs()
	}
	list, err := bed.Read(r.Path, o)
	if err != nil {
		return err
	}
	regions := make([]locus.Region, len(list))
	for i := range list {
		regions[i] = list[i].Region
	}
	r.About = fmt.Sprintf("%d intervals, %d bases", len(list), locus.NewSet(regions...).Bases())
	return nil
}

// together compares the contigs of a file with those of the files before it.
func (c *checking) together(r *Checked) {
	if r.contigs == nil {
		return
	}
	for _, b := range c.before {
		if text := unlike(b, r); text != "" {
			r.failed(errors.New(text))
			break
		}
	}
	c.before = append(c.before, r)
}

// unlike says why two files are not of one genome, or is empty.
func unlike(a, b *Checked) string {
	shared := 0
	for _, x := range b.contigs.List() {
		y, ok := a.contigs.Find(x.Name)
		if ok && x.Length > 0 && y.Length > 0 && x.Length != y.Length {
			return fmt.Sprintf("contig %s has %d bases, %d in %s; they are of different genomes", x.Name, x.Length, y.Length, a.Path)
		}
		if ok {
			shared++
		}
	}
	if shared > 0 || a.contigs.Len() == 0 || b.contigs.Len() == 0 {
		return ""
	}
	return fmt.Sprintf("none of its contigs (%s, ...) is in %s (%s, ...); use the reference that the reads were aligned to", b.contigs.At(0).Name, a.Path, a.contigs.At(0).Name)
}
