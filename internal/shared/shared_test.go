package shared

import (
	"os"
	"testing"
)

func TestPathFindsTheIndexOfData(t *testing.T) {
	if info, err := os.Stat(Path(t, "README.md")); err != nil || info.Size() == 0 {
		t.Errorf("README.md of the shared data: %v", err)
	}
}
