package httpcall

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// tooLarge is an answer that did not end within the limit.
type tooLarge struct{ limit int64 }

func (t tooLarge) Error() string { return fmt.Sprintf("the answer is longer than %d bytes", t.limit) }

// packed is an answer in an encoding that was not asked for.
type packed struct{ encoding string }

func (p packed) Error() string { return fmt.Sprintf("the answer is packed with %q", p.encoding) }

// errGzip is an answer that says it is gzip and is not.
var errGzip = errors.New("the answer is not the gzip that it says it is")

// memory is a body that was read already.
type memory struct {
	*bytes.Reader
	whole []byte
}

// Close has nothing to give back.
func (memory) Close() error { return nil }

// bodyOf is the whole body of an answer.
func bodyOf(resp *http.Response) ([]byte, error) {
	if held, ok := resp.Body.(memory); ok {
		return held.whole, nil
	}
	return io.ReadAll(resp.Body)
}

// readBody reads the answer's body to its end, unpacked, and puts it in the place of the stream. The limit counts
// unpacked bytes: a gzip of a few kB can hold gigabytes.
func readBody(resp *http.Response, limit int64) error {
	if resp.Body == nil {
		resp.Body = http.NoBody
	}
	defer resp.Body.Close()
	stream, err := unpacked(resp)
	if err != nil {
		return err
	}
	size := int64(bytes.MinRead)
	if resp.ContentLength > 0 && !resp.Uncompressed {
		if resp.ContentLength > limit && resp.Request.Method != http.MethodHead {
			return tooLarge{limit}
		}
		size = min(resp.ContentLength, 1<<20) + 1 // and a byte to see the end by
	}
	whole, err := readWithin(stream, int(size), limit)
	if err != nil {
		return err
	}
	resp.Body = memory{bytes.NewReader(whole), whole}
	if resp.Request == nil || resp.Request.Method != http.MethodHead {
		resp.ContentLength = int64(len(whole))
	}
	return nil
}

// readWithin reads a stream to its end, into room for size bytes at first, and no further than one byte beyond the limit.
func readWithin(stream io.Reader, size int, limit int64) ([]byte, error) {
	whole := make([]byte, 0, size)
	for {
		n, err := stream.Read(whole[len(whole):min(int64(cap(whole)), limit+1)])
		whole = whole[:len(whole)+n]
		switch {
		case int64(len(whole)) > limit:
			return nil, tooLarge{limit}
		case errors.Is(err, io.EOF):
			return whole, nil
		case err != nil:
			return nil, err
		case len(whole) == cap(whole):
			whole = append(whole, 0)[:len(whole)]
		}
	}
}

// unpacked is the stream without its gzip. net/http would unpack by itself, but not for a caller who names encodings,
// and other transports do not at all.
func unpacked(resp *http.Response) (io.Reader, error) {
	encoding := strings.ToLower(strings.TrimSpace(resp.Header.Get("Content-Encoding")))
	if encoding == "" || encoding == "identity" || resp.Uncompressed {
		return resp.Body, nil
	}
	// An answer without a body, such as 304, may still name the encoding that it would have had.
	buffered := bufio.NewReader(resp.Body)
	if _, err := buffered.Peek(1); errors.Is(err, io.EOF) {
		return buffered, nil
	}
	if encoding != "gzip" && encoding != "x-gzip" {
		return nil, packed{encoding}
	}
	reader, err := gzip.NewReader(buffered)
	if err != nil {
		return nil, gzipError(err)
	}
	resp.Header.Del("Content-Encoding")
	resp.Header.Del("Content-Length")
	resp.Uncompressed = true
	resp.ContentLength = -1
	return gzipReader{reader}, nil
}

// gzipReader tells a broken gzip from a broken connection.
type gzipReader struct{ *gzip.Reader }

func (g gzipReader) Read(p []byte) (int, error) {
	n, err := g.Reader.Read(p)
	return n, gzipError(err)
}

func gzipError(err error) error {
	if errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum) || strings.HasPrefix(fmt.Sprint(err), "flate: corrupt") {
		return fmt.Errorf("%w: %w", errGzip, err)
	}
	return err
}
