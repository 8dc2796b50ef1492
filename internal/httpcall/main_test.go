package httpcall

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain holds that no call leaves a goroutine behind, whatever it ended with.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
