package notebook

import (
	"embed"
	"strings"
)

//go:embed cells
var sources embed.FS

// code is a cell of this package, with what it puts out.
func code(name string, outputs ...Output) Cell {
	b, err := sources.ReadFile("cells/" + name + ".py")
	if err != nil {
		panic(err) // a part of the program
	}
	return Cell{Code: true, Source: strings.TrimSuffix(string(b), "\n"), Outputs: outputs}
}

// folded is a cell of functions, shown folded under a title.
func folded(name, title string) Cell {
	c := code(name)
	c.Title = title
	return c
}

// text is a cell of words.
func text(lines ...string) Cell { return Cell{Source: strings.Join(lines, "\n")} }
