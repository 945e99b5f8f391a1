package greeting

import (
	"strings"
	"testing"
)

func TestWriteEscapes(t *testing.T) {
	var out strings.Builder
	if err := Write(&out, "a<b", []string{"/status"}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "a&lt;b") || !strings.Contains(out.String(), `href="/status"`) || !strings.Contains(out.String(), welcome) {
		t.Fatal(out.String())
	}
}
