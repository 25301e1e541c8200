package stage

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"os"
	"path"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/gx-genomics/gx/io/object"
)

// Marker says that a task is done. It lies beside the outputs, is written last,
// and holds nothing that differs between two workers that did the task.
type Marker struct {
	Schema  int           `json:"schema"`
	Stage   string        `json:"stage"`
	Step    Step          `json:"step,omitempty"`
	Shard   int           `json:"shard"`
	Shards  int           `json:"shards"`
	Version string        `json:"version"`
	Key     string        `json:"key"`
	Options string        `json:"options"` // digest of them
	Inputs  []MarkerInput `json:"inputs"`
	Outputs []Output      `json:"outputs"`
	Contigs []ContigCount `json:"contigs,omitempty"`
	Notes   []string      `json:"notes,omitempty"`
	Check   string        `json:"check"` // digest of all the rest

	dir string // where its outputs are
}

// MarkerInput is an input of a task that was done.
type MarkerInput struct {
	Role   string `json:"role"`
	Name   string `json:"name"` // without folders
	Size   int64  `json:"size"`
	Digest string `json:"digest,omitempty"`
}

// Output is an object that a task left.
type Output struct {
	Name   string `json:"name"` // beside the marker
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
	CRC32C string `json:"crc32c"` // big endian, hexadecimal
}

const (
	markerSchema = 1
	markerSuffix = ".done"
	statsSuffix  = ".stats"
	maxMarker    = 1 << 24
)

// MarkerName is the name of a task's marker: that of its first output, by role,
// and ".done".
func (t *Task) MarkerName() string {
	if out, ok := t.Out[partRole]; ok {
		return out + markerSuffix
	}
	if out, ok := t.Out["out"]; ok {
		return out + markerSuffix
	}
	first := ""
	for role := range t.Out {
		if first == "" || role < first {
			first = role
		}
	}
	return t.Out[first] + markerSuffix
}

// newMarker makes the marker of a task that left outputs.
func newMarker(ctx context.Context, env *Env, k *Kind, t *Task, outputs []Output, report *Report) (*Marker, error) {
	m := &Marker{Schema: markerSchema, Stage: t.Stage, Step: t.Step, Shard: t.Shard, Shards: t.Shards, Version: Version, Key: t.Key, dir: dirName(t.MarkerName())}
	var plain any
	options := []byte("{}")
	if len(t.Options) > 0 {
		options = t.Options
	}
	if err := json.Unmarshal(options, &plain); err != nil {
		return nil, err
	}
	b, err := json.Marshal(plain) // with sorted keys
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(b)
	m.Options = hex.EncodeToString(sum[:8])
	for _, role := range sortedKeys(t.In) {
		if role == partsRole { // how many there were changes no output
			continue
		}
		for _, name := range t.In[role] {
			files, err := k.InputFiles(ctx, env.Store, role, name)
			if err != nil {
				return nil, err
			}
			for _, f := range files {
				info, err := env.Store.Stat(ctx, f)
				if err != nil {
					return nil, err
				}
				m.Inputs = append(m.Inputs, MarkerInput{role, path.Base(f), info.Size, t.Digests[f]})
			}
		}
	}
	for _, o := range outputs {
		o.Name = relative(m.dir, o.Name)
		m.Outputs = append(m.Outputs, o)
	}
	slices.SortFunc(m.Outputs, func(a, b Output) int { return compareText(a.Name, b.Name) })
	if report != nil {
		m.Contigs, m.Notes = report.Contigs, report.Notes
	}
	return m, nil
}

// text is the marker as it is stored, with its own digest.
func (m Marker) text() []byte {
	m.Check = ""
	sum := sha256.Sum256(m.plain())
	m.Check = hex.EncodeToString(sum[:8])
	return append(m.plain(), '\n')
}

func (m *Marker) plain() []byte {
	b, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		panic(err) // a struct of texts and numbers
	}
	return b
}

// ReadMarker reads a marker. One that is damaged is an error like one that is
// not there.
func ReadMarker(ctx context.Context, s object.Store, name string) (*Marker, error) {
	b, err := object.ReadAll(ctx, s, name, maxMarker)
	if err != nil {
		return nil, err
	}
	m := &Marker{dir: dirName(name)}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(m); err != nil {
		return nil, fmt.Errorf("%s: not a marker: %w", name, err)
	}
	if m.Schema != markerSchema || !bytes.Equal(m.text(), b) {
		return nil, fmt.Errorf("%s: not a marker of this version, or damaged", name)
	}
	return m, nil
}

// Paths are the names of the outputs.
func (m *Marker) Paths() []string {
	var out []string
	for _, o := range m.Outputs {
		out = append(out, m.path(o.Name))
	}
	return out
}

func (m *Marker) path(name string) string {
	if strings.HasPrefix(name, "/") || strings.Contains(name, "://") {
		return name
	}
	return joinName(m.dir, name)
}

// There says whether the outputs are there and of the size that they had.
func (m *Marker) There(ctx context.Context, s object.Store) error {
	for _, o := range m.Outputs {
		info, err := s.Stat(ctx, m.path(o.Name))
		if err != nil {
			return err
		}
		if info.Size != o.Size {
			return fmt.Errorf("%s: %d bytes, but it had %d when it was written", m.path(o.Name), info.Size, o.Size)
		}
	}
	return nil
}

// Verify says whether the outputs are what was written.
func (m *Marker) Verify(ctx context.Context, s object.Store) error {
	if err := m.There(ctx, s); err != nil {
		return err
	}
	for _, o := range m.Outputs {
		name := m.path(o.Name)
		if c, ok := s.(interface {
			CRC32C(ctx context.Context, name string) (uint32, error)
		}); ok { // the store keeps it: nothing is read
			sum, err := c.CRC32C(ctx, name)
			if err != nil {
				return err
			}
			if fmt.Sprintf("%08x", sum) != o.CRC32C {
				return fmt.Errorf("%s: its checksum is not the one it was written with", name)
			}
			continue
		}
		in, err := s.Open(ctx, name)
		if err != nil {
			return err
		}
		h := sha256.New()
		_, err = io.Copy(h, io.NewSectionReader(in, 0, in.Info().Size))
		if err = errors.Join(err, in.Close()); err != nil {
			return err
		}
		if hex.EncodeToString(h.Sum(nil)) != o.SHA256 {
			return fmt.Errorf("%s: its content is not what was written", name)
		}
	}
	return nil
}

// runStats are what differs between two runs of a task.
type runStats struct {
	Started  time.Time `json:"started"`
	Finished time.Time `json:"finished"`
	CPU      float64   `json:"cpu_s"`   // of the process, in which other tasks may have run
	MaxRSS   int64     `json:"max_rss"` // bytes, of the process
	Threads  int       `json:"threads"`
	Go       string    `json:"go"`
	Platform string    `json:"platform"`
	Image    string    `json:"image,omitempty"`
}

// usage is the CPU time and the memory of the process until now.
func usage() (cpu float64, rss int64) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0, 0
	}
	unit := int64(1024)
	if runtime.GOOS == "darwin" {
		unit = 1
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()).Seconds(), int64(u.Maxrss) * unit
}

func putStats(ctx context.Context, env *Env, t *Task, s runStats) error {
	s.Finished = time.Now().UTC()
	cpu, rss := usage()
	s.CPU, s.MaxRSS, s.Threads = cpu-s.CPU, rss, env.Threads
	s.Go, s.Platform, s.Image = runtime.Version(), runtime.GOOS+"/"+runtime.GOARCH, os.Getenv("GX_IMAGE")
	b, err := json.MarshalIndent(&s, "", " ")
	if err != nil {
		return err
	}
	return putBytes(ctx, env.Store, strings.TrimSuffix(t.MarkerName(), markerSuffix)+statsSuffix, append(b, '\n'))
}

// taskStore is the store of one task: it remembers what was written, and knows
// digests of inputs.
type taskStore struct {
	object.Store
	t       *Task
	outputs *outputLog
}

func newTaskStore(s object.Store, t *Task) *taskStore {
	return &taskStore{Store: s, t: t, outputs: &outputLog{byName: map[string]Output{}}}
}

func (s *taskStore) written() []Output { return s.outputs.all() }

// Put writes an object and its digests.
func (s *taskStore) Put(ctx context.Context, name string, write func(io.Writer) error) error {
	var d *digests
	err := s.Store.Put(ctx, name, func(w io.Writer) error {
		d = &digests{w: w, sha: sha256.New(), crc: crc32.New(crc32.MakeTable(crc32.Castagnoli))}
		return write(d)
	})
	if err == nil {
		s.outputs.add(Output{name, d.n, hex.EncodeToString(d.sha.Sum(nil)), fmt.Sprintf("%08x", d.crc.Sum32())})
	}
	return err
}

// Remove forgets an output again.
func (s *taskStore) Remove(ctx context.Context, name string) error {
	s.outputs.drop(name)
	return s.Store.Remove(ctx, name)
}

// Probe is that of the store below, where it has one.
func (s *taskStore) Probe(name string) error {
	if p, ok := s.Store.(interface{ Probe(name string) error }); ok {
		return p.Probe(name)
	}
	return nil
}

// Known gives the digest of an input that the task was told.
func (s *taskStore) Known(name string) (string, bool) {
	d, ok := s.t.Digests[name]
	return d, ok
}

type digests struct {
	w   io.Writer
	sha hash.Hash
	crc hash.Hash32
	n   int64
}

func (d *digests) Write(b []byte) (int, error) {
	n, err := d.w.Write(b)
	d.sha.Write(b[:n])
	d.crc.Write(b[:n])
	d.n += int64(n)
	return n, err
}
