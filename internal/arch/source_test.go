package arch

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestLibrariesReturnErrors: outside cmd nothing ends the process, nothing runs
// before main, and no file outgrows its idea.
func TestLibrariesReturnErrors(t *testing.T) {
	files := 0
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && strings.HasPrefix(d.Name(), ".") && d.Name() != ".." && d.Name() != "." {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		files++
		return checkFile(t, strings.TrimPrefix(filepath.ToSlash(path), "../../"), path)
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < 10 {
		t.Errorf("only %d files seen: the test does not see the module", files)
	}
}

const longestFile = 600 // lines; generated files and tables apart

func checkFile(t *testing.T, name, path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, path, text, parser.ParseComments)
	if err != nil {
		return err
	}
	if n := strings.Count(string(text), "\n"); n > longestFile && !ast.IsGenerated(f) {
		t.Errorf("%s has %d lines, more than %d: it wants to be two files", name, n, longestFile)
	}
	if strings.HasPrefix(name, "cmd/") {
		return nil
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if n.Name.Name == "init" && n.Recv == nil {
				t.Errorf("%s: func init", fset.Position(n.Pos()))
			}
		case *ast.CallExpr:
			sel, ok := n.Fun.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			pkg, ok := sel.X.(*ast.Ident)
			if ok && (pkg.Name == "os" && sel.Sel.Name == "Exit" || pkg.Name == "log" && strings.HasPrefix(sel.Sel.Name, "Fatal")) {
				t.Errorf("%s: %s.%s outside cmd", fset.Position(n.Pos()), pkg.Name, sel.Sel.Name)
			}
		}
		return true
	})
	return nil
}
