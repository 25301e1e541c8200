package stage

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"strings"

	"github.com/klauspost/compress/zstd"

	"github.com/gx-genomics/gx/io/object"
)

// A part is what one shard of a stage stores: values as frames, zstd over all,
// and at the end a frame with their number and the SHA-256 of everything before
// it, without which the part counts as not there.
const partMagic = "gx part 1\n"

const (
	frameEnd   = 0
	maxFrame   = 1 << 26
	partWindow = 1 << 20
)

// errPart is in the chain of errors about a part that is damaged or unfinished.
var errPart = errors.New("damaged or unfinished part")

// partRole is the role of parts among the outputs of tasks, partsRole among the
// inputs of those that join them.
const (
	partRole  = "part"
	partsRole = "parts"
)

// putPart stores a part that body writes.
func putPart(ctx context.Context, env *Env, name string, body func(*partWriter) error) error {
	return env.Store.Put(ctx, name, func(f io.Writer) error {
		p, err := newPartWriter(f)
		if err != nil {
			return err
		}
		if err := body(p); err != nil {
			return err
		}
		return p.close()
	})
}

// openPart calls frame for every value of a stored part, as readPart does.
func openPart(ctx context.Context, store object.Store, name string, frame func(kind byte, value []byte) error) error {
	o, err := store.Open(ctx, name)
	if err != nil {
		return err
	}
	defer o.Close()
	err = readPart(io.NewSectionReader(o, 0, o.Info().Size), frame)
	if errors.Is(err, errPart) && !strings.HasPrefix(err.Error(), name) {
		return fmt.Errorf("%s: %w", name, err)
	}
	return err
}

// partWriter writes a part.
type partWriter struct {
	z      *zstd.Encoder
	h      hash.Hash
	frames uint64
	head   []byte
}

func newPartWriter(w io.Writer) (*partWriter, error) {
	z, err := zstd.NewWriter(w, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(partWindow))
	if err != nil {
		return nil, err
	}
	p := &partWriter{z: z, h: sha256.New()}
	return p, p.write([]byte(partMagic))
}

func (p *partWriter) write(b []byte) error {
	p.h.Write(b)
	_, err := p.z.Write(b)
	return err
}

// frame writes a value of a kind from 1 on.
func (p *partWriter) frame(kind byte, value any) error {
	b, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return p.bytes(kind, b)
}

// bytes writes a value as it is.
func (p *partWriter) bytes(kind byte, b []byte) error {
	p.head = binary.AppendUvarint(append(p.head[:0], kind), uint64(len(b)))
	if err := p.write(p.head); err != nil {
		return err
	}
	p.frames++
	return p.write(b)
}

// close writes the end of the part.
func (p *partWriter) close() error {
	end := binary.LittleEndian.AppendUint64([]byte{frameEnd}, p.frames)
	if err := p.write(end); err != nil {
		return err
	}
	if _, err := p.z.Write(p.h.Sum(nil)); err != nil {
		return err
	}
	return p.z.Close()
}

// readPart calls frame for every value of a part, whose bytes are valid until
// it returns. The end is checked before the last call returns, so that a
// caller which acts on the values first runs through the part with check.
func readPart(r io.Reader, frame func(kind byte, value []byte) error) error {
	z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(1<<23), zstd.WithDecoderMaxMemory(1<<40))
	if err != nil {
		return err
	}
	defer z.Close()
	h := sha256.New()
	in := bufio.NewReaderSize(z, 1<<16)
	read := func(b []byte) error {
		if _, err := io.ReadFull(in, b); err != nil {
			return fmt.Errorf("%w: %w", errPart, err)
		}
		h.Write(b)
		return nil
	}
	buf := make([]byte, len(partMagic))
	if err := read(buf); err != nil {
		return err
	}
	if string(buf) != partMagic {
		return fmt.Errorf("%w: it starts with %q", errPart, buf)
	}
	var frames uint64
	for {
		kind, n, err := frameHead(in, h)
		if err != nil {
			return err
		}
		if kind == frameEnd {
			return partEnd(in, h, frames)
		}
		if n > maxFrame {
			return fmt.Errorf("%w: a frame of %d bytes", errPart, n)
		}
		if uint64(cap(buf)) < n {
			buf = make([]byte, n)
		}
		buf = buf[:n]
		if err := read(buf); err != nil {
			return err
		}
		frames++
		if err := frame(kind, buf); err != nil {
			return err
		}
	}
}

func frameHead(in *bufio.Reader, h hash.Hash) (kind byte, n uint64, err error) {
	kind, err = in.ReadByte()
	if err == nil && kind != frameEnd {
		n, err = binary.ReadUvarint(in)
	}
	if err != nil {
		return 0, 0, fmt.Errorf("%w: %w", errPart, err)
	}
	h.Write([]byte{kind})
	if kind != frameEnd {
		h.Write(binary.AppendUvarint(nil, n))
	}
	return kind, n, nil
}

func partEnd(in *bufio.Reader, h hash.Hash, frames uint64) error {
	var count [8]byte
	var sum [sha256.Size]byte
	if _, err := io.ReadFull(in, count[:]); err != nil {
		return fmt.Errorf("%w: %w", errPart, err)
	}
	h.Write(count[:])
	want := h.Sum(nil)
	if _, err := io.ReadFull(in, sum[:]); err != nil {
		return fmt.Errorf("%w: %w", errPart, err)
	}
	if binary.LittleEndian.Uint64(count[:]) != frames || string(sum[:]) != string(want) {
		return fmt.Errorf("%w: its digest does not agree with its content", errPart)
	}
	return nil
}
