package feed

import (
	"bytes"
	"errors"
	"regexp"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding/charmap"
)

var declared = regexp.MustCompile(`(?i)^[^>]{0,200}?(?:<\?xml[^>]{0,200}?\bencoding\s*=\s*["']\s*([a-z0-9._:-]+)|@charset\s+"([a-z0-9_-]+)")`)

// decode is the document as text, whatever encoding it is in, and what had to be guessed for that, in words. The byte
// order mark is believed first, then what the document declares of itself, then the content type. A byte that fits
// none of it is read as windows-1252, which is what browsers do with it.
func decode(document []byte, contentType string) (text, guessed string, err error) {
	if kind := binaryKind(document); kind != "" {
		return "", "", errors.New("this is no changelog: got " + kind)
	}
	if text, ok := decodeUTF16(document); ok {
		return text, "", nil
	}
	document = bytes.TrimPrefix(document, []byte("\xef\xbb\xbf"))
	if utf8.Valid(document) && !shifted(document) {
		return string(document), "", nil
	}
	label := declaredCharset(document, contentType)
	if encoding, name := charset.Lookup(label); encoding != nil && name != "utf-8" {
		decoded, err := encoding.NewDecoder().Bytes(document)
		if err == nil {
			return string(decoded), "", nil
		}
	}
	return mixed(document), "its bytes are not the UTF-8 that they should be and were read as windows-1252", nil
}

// binaryKind names what a document is that is no text at all.
func binaryKind(document []byte) string {
	switch {
	case bytes.HasPrefix(document, []byte("\x1f\x8b")):
		return "a gzip file"
	case bytes.HasPrefix(document, []byte("PK\x03\x04")):
		return "a zip file"
	case bytes.HasPrefix(document, []byte("%PDF-")):
		return "a PDF"
	case bytes.HasPrefix(document, []byte("\x89PNG")), bytes.HasPrefix(document, []byte("GIF8")), bytes.HasPrefix(document, []byte("\xff\xd8\xff")):
		return "an image"
	}
	return ""
}

// decodeUTF16 reads UTF-16 by its byte order mark, or by the zero bytes of a first angle bracket or brace.
func decodeUTF16(document []byte) (string, bool) {
	if len(document) < 4 {
		return "", false
	}
	big := false
	switch {
	case document[0] == 0xfe && document[1] == 0xff, document[0] == 0 && (document[1] == '<' || document[1] == '{'):
		big = true
	case document[0] == 0xff && document[1] == 0xfe, document[1] == 0 && (document[0] == '<' || document[0] == '{'):
	default:
		return "", false
	}
	units := make([]uint16, 0, len(document)/2)
	for i := 0; i+1 < len(document); i += 2 {
		first, second := uint16(document[i]), uint16(document[i+1])
		if big {
			units = append(units, first<<8|second)
		} else {
			units = append(units, second<<8|first)
		}
	}
	return strings.TrimPrefix(string(utf16.Decode(units)), "\ufeff"), true
}

// shifted tells that bytes which happen to be valid UTF-8 are another encoding: one that shifts by escape sequences.
func shifted(document []byte) bool { return bytes.Contains(document, []byte("\x1b$")) }

func declaredCharset(document []byte, contentType string) string {
	head := document[:min(len(document), 1024)]
	if m := declared.FindSubmatch(head); m != nil {
		return strings.ToLower(string(m[1]) + string(m[2]))
	}
	if i := strings.Index(strings.ToLower(contentType), "charset="); i >= 0 {
		label := contentType[i+len("charset="):]
		label, _, _ = strings.Cut(label, ";")
		return strings.ToLower(strings.Trim(label, ` "'`))
	}
	if bytes.Contains(bytes.ToLower(head), []byte("<html")) || bytes.Contains(bytes.ToLower(head), []byte("<meta")) {
		if _, name, certain := charset.DetermineEncoding(head, contentType); certain {
			return name
		}
	}
	return ""
}

// mixed keeps what is UTF-8 and reads each other byte as windows-1252.
func mixed(document []byte) string {
	var b strings.Builder
	b.Grow(len(document) + len(document)/8)
	for len(document) > 0 {
		r, size := utf8.DecodeRune(document)
		if r == utf8.RuneError && size <= 1 {
			r, size = charmap.Windows1252.DecodeByte(document[0]), 1
		}
		b.WriteRune(r)
		document = document[size:]
	}
	return b.String()
}
