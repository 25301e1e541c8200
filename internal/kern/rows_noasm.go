//go:build !amd64

package kern

// The kernels of rows and of dosages have no assembly here: the plain twins run.

func (k *Kernels) lanesRows() int            { return 0 }
func (k *Kernels) runRows(rowsOp, *rowsArgs) {}
func (k *Kernels) runDot(*dotArgs) bool      { return false }
