package object

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// Files is the Store of the local file system; names are paths. "-" is
// standard input or output, and devices and pipes are written as they are:
// there nothing can be taken back.
type Files struct {
	Stdin  io.Reader // for Standard; os.Stdin where nil
	Stdout io.Writer // for Standard; os.Stdout where nil

	// Step, where not nil, is told of every step of Put and Remove: tests end
	// the process there.
	Step func(step, name string)
}

// Steps that Files.Step is told of.
const (
	StepCreated = "created" // the unfinished file
	StepWritten = "written" // all bytes, not yet safe
	StepSynced  = "synced"  // safe, not yet under its name
	StepRenamed = "renamed" // under its name, which a crash may still take back
	StepPut     = "put"     // Put has done all
	StepRemoved = "removed"
)

func (s Files) step(step, name string) {
	if s.Step != nil {
		s.Step(step, name)
	}
}

// partMark stands in the names of files that are being written.
const partMark = ".gx-part-"

type file struct {
	*os.File
	info Info
}

func (f *file) Info() Info { return f.info }

// Open opens a file. Folders are refused here, before a reader meets them.
func (Files) Open(_ context.Context, name string) (Object, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, plain(err)
	}
	st, err := f.Stat()
	if err == nil && st.IsDir() {
		err = fmt.Errorf("%s: is a folder, want a file", name)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return &file{f, info(name, st)}, nil
}

// Stat looks at a file; the version is its size and time of change.
func (Files) Stat(_ context.Context, name string) (Info, error) {
	st, err := os.Stat(name)
	if err != nil {
		return Info{}, plain(err)
	}
	return info(name, st), nil
}

func info(name string, st fs.FileInfo) Info {
	return Info{Name: name, Size: st.Size(), Version: fmt.Sprintf("%d-%d", st.Size(), st.ModTime().UnixNano())}
}

// plain drops the name of the system call: `x.bam: no such file or directory`.
func plain(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return fmt.Errorf("%s: %w", p.Path, p.Err)
	}
	return err
}

// Put writes beside the final name, makes the bytes safe, renames, and makes
// the rename safe. A process killed in between leaves a file with ".gx-part-"
// in its name, which no List shows and the next Put of that name removes.
func (s Files) Put(_ context.Context, name string, write func(io.Writer) error) (err error) {
	if name == Standard {
		return s.stream(s.stdout(), name, write)
	}
	if st, err := os.Stat(name); err == nil && !st.Mode().IsRegular() {
		if st.IsDir() {
			return fmt.Errorf("%s: is a folder, want a file name", name)
		}
		f, err := os.OpenFile(name, os.O_WRONLY, 0)
		if err != nil {
			return plain(err)
		}
		return errors.Join(s.stream(f, name, write), f.Close())
	}
	removeParts(name)
	f, err := createPart(name)
	if err != nil {
		return fmt.Errorf("%s: cannot write here: %w", name, cause(err))
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	s.step(StepCreated, name)
	if err := s.stream(f, name, write); err != nil {
		return err
	}
	s.step(StepWritten, name)
	if err := f.Sync(); err != nil {
		return writeError(name, err)
	}
	s.step(StepSynced, name)
	if err := os.Rename(f.Name(), name); err != nil { // before Close, which gives up the lock
		return writeError(name, err)
	}
	s.step(StepRenamed, name)
	if err := f.Close(); err != nil {
		return writeError(name, err)
	}
	if err := syncFolder(filepath.Dir(name)); err != nil {
		return err
	}
	s.step(StepPut, name)
	return nil
}

// stream runs write on a buffer before w; faults of w itself name the output,
// those of the caller pass through.
func (Files) stream(w io.Writer, name string, write func(io.Writer) error) error {
	guard := &namedWriter{w: w, name: name}
	b := bufio.NewWriterSize(guard, 1<<18)
	if err := write(b); err != nil {
		if guard.err != nil {
			return guard.err // a full disk, not what the caller made of it
		}
		return err
	}
	return b.Flush()
}

func (s Files) stdout() io.Writer {
	if s.Stdout != nil {
		return s.Stdout
	}
	return os.Stdout
}

// Input is the stream of Standard.
func (s Files) Input() io.Reader {
	if s.Stdin != nil {
		return s.Stdin
	}
	return os.Stdin
}

type namedWriter struct {
	w    io.Writer
	name string
	err  error
}

func (n *namedWriter) Write(b []byte) (int, error) {
	k, err := n.w.Write(b)
	if err != nil {
		n.err = writeError(n.name, err)
		return k, n.err
	}
	return k, nil
}

func writeError(name string, err error) error {
	return fmt.Errorf("%s: writing: %w; nothing was left under this name", name, cause(err))
}

func cause(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// createPart opens an unfinished file beside name and locks it for as long as
// it is open, by which others know that its writer lives.
func createPart(name string) (*os.File, error) {
	for {
		part := filepath.Join(filepath.Dir(name), fmt.Sprintf(".%s%s%08x", filepath.Base(name), partMark, rand.Uint32()))
		f, err := os.OpenFile(part, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666) // as the user's umask has it
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if err := lock(f, syscall.LOCK_EX); err != nil {
			return f, nil // a file system without locks: parts of killed writers stay there
		}
		if _, err := os.Lstat(f.Name()); err == nil {
			return f, nil
		}
		f.Close() // taken for abandoned before it was locked
	}
}

func lock(f *os.File, how int) error {
	for {
		if err := syscall.Flock(int(f.Fd()), how); err != syscall.EINTR {
			return err
		}
	}
}

// removeParts removes unfinished files of name whose writers are gone.
func removeParts(name string) {
	old, err := filepath.Glob(filepath.Join(filepath.Dir(name), "."+globEscape(filepath.Base(name))+partMark+"*"))
	if err != nil {
		return
	}
	for _, p := range old {
		f, err := os.Open(p)
		if err != nil {
			continue
		}
		if lock(f, syscall.LOCK_EX|syscall.LOCK_NB) == nil {
			os.Remove(p)
		}
		f.Close()
	}
}

func globEscape(s string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(s)
}

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return plain(err)
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, fs.ErrInvalid) {
		return plain(err)
	}
	return nil
}

// List walks the folder of the prefix.
func (Files) List(ctx context.Context, prefix string) ([]Info, error) {
	var out []Info
	dir := filepath.Dir(prefix + "x")
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			return plain(err)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if d.IsDir() || strings.Contains(d.Name(), partMark) || !strings.HasPrefix(path, filepath.Clean(prefix)) {
			return nil
		}
		st, err := d.Info()
		if err != nil {
			return nil // removed since
		}
		out = append(out, info(path, st))
		return nil
	})
	slices.SortFunc(out, func(a, b Info) int { return cmp.Compare(a.Name, b.Name) })
	return out, err
}

// Remove deletes a file.
func (s Files) Remove(_ context.Context, name string) error {
	switch err := os.Remove(name); {
	case err == nil:
		s.step(StepRemoved, name)
	case !errors.Is(err, fs.ErrNotExist):
		return plain(err)
	}
	return nil
}

// Probe says whether Put could write under a name, without leaving anything.
func (Files) Probe(name string) error {
	if name == Standard {
		return nil
	}
	st, err := os.Stat(name)
	switch {
	case err == nil && st.IsDir():
		return fmt.Errorf("%s: is a folder, want a file name", name)
	case err == nil && !st.Mode().IsRegular():
		return nil
	}
	f, err := createPart(name)
	if err != nil {
		return fmt.Errorf("%s: cannot write here: %w", name, cause(err))
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}
