package stage

import (
	"context"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
)

// nearby copies results that lie on a network to files: what sums them up reads
// files.
type nearby struct {
	env    *Env
	folder string            // of the copies; empty while there are none
	copies map[string]string // their names, by those of what they are copies of
}

// clean takes the copies away.
func (n *nearby) clean() {
	if n.folder != "" {
		os.RemoveAll(n.folder)
	}
}

// near is a file to read: the object itself, or a copy of one on a network.
func (n *nearby) near(ctx context.Context, name string) (string, error) {
	if !remote(name) {
		return name, nil
	}
	if to, ok := n.copies[name]; ok {
		return to, nil
	}
	if n.folder == "" {
		var err error
		if n.folder, err = os.MkdirTemp("", "gx-results-*"); err != nil {
			return "", err
		}
		n.copies = map[string]string{}
	}
	to := filepath.Join(n.folder, strconv.Itoa(len(n.copies)), path.Base(name)) // names may be alike in two folders
	if err := os.Mkdir(filepath.Dir(to), 0o700); err != nil {
		return "", err
	}
	n.copies[name] = to
	return to, fetch(ctx, n.env.Store, name, to)
}

// farther puts into an error the names of what was copied.
func (n *nearby) farther(err error) error {
	text := err.Error()
	for name, to := range n.copies {
		text = strings.ReplaceAll(text, to, name)
	}
	if text == err.Error() {
		return err
	}
	return &farError{err, text}
}
