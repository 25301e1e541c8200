package tfrecord

import (
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

// MaxShards is the largest number of shards that a name may ask for.
const MaxShards = 1 << 20

// Name is the name of an output of one or more files. The text `base@N.suffix`
// stands for the N files `base-00000-of-0000N.suffix` and so on; a name
// without @N is one file of that name.
type Name struct {
	Base   string
	Shards int // 0 for a name without @N
	Suffix string
}

// ParseName reads a name as a user gives it. A `@` that no number follows
// belongs to the base.
func ParseName(s string) (Name, error) {
	if s == "" {
		return Name{}, fmt.Errorf("an empty name")
	}
	i := strings.LastIndexByte(s, '@')
	if i < 0 || strings.ContainsRune(s[i:], '/') {
		return Name{Base: s}, nil
	}
	digits := len(s[i+1:]) - len(strings.TrimLeft(s[i+1:], "0123456789"))
	suffix := s[i+1+digits:]
	if digits == 0 || suffix != "" && suffix[0] != '.' {
		return Name{Base: s}, nil
	}
	n, err := strconv.Atoi(s[i+1 : i+1+digits])
	if err != nil || n < 1 || n > MaxShards {
		return Name{}, fmt.Errorf("name %.80q: %.20s shards, want 1 to %d", s, s[i+1:i+1+digits], MaxShards)
	}
	if i == 0 || s[i-1] == '/' {
		return Name{}, fmt.Errorf("name %.80q: nothing stands before the @", s)
	}
	return Name{Base: s[:i], Shards: n, Suffix: suffix}, nil
}

// String is the name as ParseName reads it.
func (n Name) String() string {
	if n.Shards == 0 {
		return n.Base
	}
	return n.Base + "@" + strconv.Itoa(n.Shards) + n.Suffix
}

// Len is the number of files.
func (n Name) Len() int { return max(n.Shards, 1) }

// Path is the name of file i.
func (n Name) Path(i int) string {
	if n.Shards == 0 {
		return n.Base
	}
	return n.Base + n.number(i) + n.Suffix
}

// Other is the name of file i in the second spelling, the number behind the
// suffix: `base.suffix-00000-of-00003`.
func (n Name) Other(i int) string {
	if n.Shards == 0 {
		return n.Base
	}
	return n.Base + n.Suffix + n.number(i)
}

func (n Name) number(i int) string {
	digits := max(5, len(strconv.Itoa(n.Shards)))
	return fmt.Sprintf("-%0*d-of-%0*d", digits, i, digits, n.Shards)
}

// Paths lists the files of a name for reading, in the order of shards. The
// function says which files there are; both spellings are looked for, that of
// Path first. A set that is not whole is an error that names the first file
// missing.
func (n Name) Paths(exists func(path string) (bool, error)) ([]string, error) {
	paths := make([]string, n.Len())
	for i := range paths {
		for _, p := range []string{n.Path(i), n.Other(i)} {
			ok, err := exists(p)
			if err != nil {
				return nil, err
			}
			if ok {
				paths[i] = p
				break
			}
		}
		if paths[i] == "" {
			return nil, fmt.Errorf("%s: file %d of %d is missing: %s: %w", n, i+1, n.Len(), n.Path(i), fs.ErrNotExist)
		}
	}
	return paths, nil
}

// ParsePath finds the set that a path like `base-00002-of-00003.suffix` belongs
// to and its number in it. It says false for a path that is not of this form.
func ParsePath(path string) (n Name, shard int, ok bool) {
	dir := strings.LastIndexByte(path, '/') + 1
	for end := len(path); end > dir; {
		of := strings.LastIndex(path[dir:end], "-of-")
		if of < 0 {
			break
		}
		of += dir
		if n, shard, ok := parseAt(path, of); ok {
			return n, shard, true
		}
		end = of
	}
	return Name{}, 0, false
}

// parseAt reads a path whose "-of-" stands at of.
func parseAt(path string, of int) (Name, int, bool) {
	tail := path[of+4:]
	digits := len(tail) - len(strings.TrimLeft(tail, "0123456789"))
	suffix := tail[digits:]
	start := of
	for start > 0 && '0' <= path[start-1] && path[start-1] <= '9' {
		start--
	}
	if digits < 5 || of-start != digits || start < 2 || path[start-1] != '-' || path[start-2] == '/' || suffix != "" && suffix[0] != '.' {
		return Name{}, 0, false
	}
	i, err1 := strconv.Atoi(path[start:of])
	k, err2 := strconv.Atoi(tail[:digits])
	if err1 != nil || err2 != nil || k < 1 || k > MaxShards || i >= k {
		return Name{}, 0, false
	}
	n := Name{Base: path[:start-1], Shards: k, Suffix: suffix}
	return n, i, n.Path(i) == path
}

// Gzipped says whether a file of that path is to be written gzipped: where it
// ends in .gz, the number of a shard taken off first. (DeepVariant 1.9; 1.5
// wrote `x.tfrecord.gz-00000-of-00003` plain. A Reader takes both.)
func Gzipped(path string) bool {
	if n, _, ok := ParsePath(path); ok {
		path = n.Base + n.Suffix
	}
	return strings.HasSuffix(path, ".gz")
}
