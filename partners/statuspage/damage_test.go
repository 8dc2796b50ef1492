package statuspage_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"sparky/partners"
	"sparky/partners/statuspage"
)

// jsonFixtures are the documents in JSON, decoded from whatever they are kept in.
func jsonFixtures(t *testing.T) map[string]string {
	t.Helper()
	files, err := os.ReadDir(documents)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range files {
		if strings.HasSuffix(f.Name(), ".json") && !strings.Contains(f.Name(), "utf16") {
			out[f.Name()] = string(fixture(t, f.Name()))
		}
	}
	return out
}

// in16 is text in UTF-16.
func in16(text string, order binary.AppendByteOrder, mark bool) []byte {
	var out []byte
	if mark {
		out = order.AppendUint16(out, 0xFEFF)
	}
	for _, unit := range utf16.Encode([]rune(text)) {
		out = order.AppendUint16(out, unit)
	}
	return out
}

// TestEncodings : a document says the same in whatever encoding it comes, and whatever it is called.
func TestEncodings(t *testing.T) {
	for name, text := range jsonFixtures(t) {
		want := statuspage.Parse([]byte(text), "application/json", "https://x.example", "", morning())
		for how, body := range map[string][]byte{
			"UTF-8 with a mark":     append([]byte("\uFEFF"), text...),
			"UTF-16BE":              in16(text, binary.BigEndian, true),
			"UTF-16LE":              in16(text, binary.LittleEndian, true),
			"UTF-16BE, no mark":     in16(text, binary.BigEndian, false),
			"UTF-16LE, no mark":     in16(text, binary.LittleEndian, false),
			"blanks around it":      []byte("\r\n\t " + text + "\n\n"),
			"no blanks in it":       compact(t, text),
			"escaped where it need": []byte(strings.ReplaceAll(text, "/", `\/`)),
		} {
			for _, contentType := range []string{"", "text/html; charset=iso-8859-1", "application/octet-stream", "nonsense;;"} {
				got := statuspage.Parse(body, contentType, "https://x.example", "", morning())
				if got.Level != want.Level || got.Kind != want.Kind || told(got) != told(want) {
					t.Errorf("%s in %s called %q: %s, %s (%s)", name, how, contentType, got.Kind, got.Level, got.Problem)
				}
			}
		}
	}
}

func compact(t *testing.T, text string) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := json.Compact(&out, []byte(text)); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// damages calls f with the document in which one value after the other, at any depth, is replaced.
func damages(document any, by any, f func(where string)) {
	var walk func(at any, where string)
	walk = func(at any, where string) {
		switch at := at.(type) {
		case map[string]any:
			for key, was := range at {
				at[key] = by
				f(where + "." + key)
				at[key] = was
				walk(was, where+"."+key)
			}
		case []any:
			for n, was := range at {
				at[n] = by
				f(fmt.Sprint(where, ".", n))
				at[n] = was
				walk(was, fmt.Sprint(where, ".", n))
			}
		}
	}
	walk(document, "")
}

// TestOneWrongValueIsNeverHealth puts a value of a wrong type in the place of each value of each document that tells of
// trouble: what is told of it may be less, but not that all is well.
func TestOneWrongValueIsNeverHealth(t *testing.T) {
	for name, text := range jsonFixtures(t) {
		before := statuspage.Parse([]byte(text), "", "https://x.example", "", morning())
		if before.Level == partners.Operational || before.Level == partners.Unknown {
			continue
		}
		for _, by := range []any{"", "x", 7, true, []any{"x"}, map[string]any{"x": 7}} {
			var document any
			if err := json.Unmarshal([]byte(text), &document); err != nil {
				t.Fatal(err)
			}
			damages(document, by, func(where string) {
				body, err := json.Marshal(document)
				if err != nil {
					t.Fatal(err)
				}
				s := statuspage.Parse(body, "", "https://x.example", before.Kind, morning())
				if s.Level == partners.Operational && !slices.Contains(decides(), where) {
					t.Errorf("%s with %v at %s is well (%s)", name, by, where, told(s))
				}
			})
		}
	}
}

// decides are the places where one value decides alone: a parent repeats its children, and is not counted.
func decides() []string { return []string{".components.0.isParent"} }
