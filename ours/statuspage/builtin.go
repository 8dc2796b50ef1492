package statuspage

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"strings"
	"sync"
	"time"

	"sparky/incidents"
)

const (
	// history is how far back the page tells.
	history = 14 * 24 * time.Hour
	// fresh is how long what was read serves the next readers too, so that many of them are one reading.
	fresh = 5 * time.Second
	// patience is how long one reading may take.
	patience = 5 * time.Second
)

// Served is what the page that Sparky serves itself says beside our posts.
type Served struct {
	Name     string   // whose page it is, for customers; "Service" where empty
	Features []string // all that customers use, in the order of the page
	Address  string   // where customers read the page, without a slash at its end
	Now      func() time.Time
}

// Builtin is our public page, to be mounted at /status and under /status/: a page for people that needs no script, an Atom
// feed at feed.atom, and the documents of Statuspage's public API, version 2, under api/v2/. Where what happened cannot be
// read it answers 503 and says that it does not know: it never shows that all is well without having looked.
func Builtin(archive Archive, served Served) http.Handler {
	if served.Name == "" {
		served.Name = "Service"
	}
	b := &builtin{archive: archive, served: served, began: served.Now().UTC()}
	mux := http.NewServeMux()
	mux.Handle("GET /status", http.RedirectHandler("/status/", http.StatusMovedPermanently))
	mux.HandleFunc("GET /status/{$}", b.show(pageForPeople))
	mux.HandleFunc("GET /status/incidents/{id}", b.show(pageOfIncident))
	mux.HandleFunc("GET /status/feed.atom", b.show(atomFeed))
	for name, document := range documents() {
		mux.HandleFunc("GET /status/api/v2/"+name, b.show(document))
	}
	return mux
}

// incidentPath leads from the page's address to one of its incidents.
func incidentPath(id string) string { return "/incidents/" + escapePath(id) }

// builtin reads what is remembered, and has it drawn.
type builtin struct {
	archive Archive
	served  Served
	began   time.Time

	mu    sync.Mutex
	posts []incidents.Incident
	read  time.Time
}

// answer is one drawn document. The zero answer is that there is no such thing.
type answer struct {
	contentType string
	body        []byte
}

// drawing makes a document of what is known.
type drawing func(known facts, r *http.Request) (answer, error)

func (b *builtin) show(draw drawing) http.HandlerFunc {
	return func(rw http.ResponseWriter, r *http.Request) {
		secure(rw.Header())
		known, err := b.facts(r.Context())
		if err != nil {
			unknown(rw, b.served.Name)
			return
		}
		drawn, err := draw(known, r)
		switch {
		case err != nil:
			unknown(rw, b.served.Name)
		case drawn.contentType == "":
			missing(rw, b.served.Name)
		default:
			drawn.serve(rw, r)
		}
	}
}

// facts are what the page says now, read at most every few seconds whoever asks.
func (b *builtin) facts(ctx context.Context) (facts, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.served.Now().UTC()
	if b.read.IsZero() || now.Sub(b.read) >= fresh {
		// Others wait for this reading, so it does not end with the one who happened to ask first.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
		defer cancel()
		posts, err := b.archive.Posts(ctx, now.Add(-history))
		if err != nil {
			return facts{}, err
		}
		b.posts, b.read = posts, now
	}
	return newFacts(b.served, b.posts, b.read, b.began), nil
}

// secure forbids everything that the page does not need. It may be read by other sites' scripts, as Statuspage's may.
func secure(header http.Header) {
	sum := sha256.Sum256([]byte(style))
	header.Set("Content-Security-Policy", "default-src 'none'; style-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+
		"'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("Access-Control-Allow-Origin", "*")
}

// serve answers with the document, or with 304 where the reader has it.
func (a answer) serve(rw http.ResponseWriter, r *http.Request) {
	sum := sha256.Sum256(a.body)
	header := rw.Header()
	header.Set("Content-Type", a.contentType)
	header.Set("Cache-Control", "public, max-age=15")
	header.Set("ETag", `"`+hex.EncodeToString(sum[:12])+`"`)
	http.ServeContent(rw, r, "", time.Time{}, bytes.NewReader(a.body))
}

// unknown is what is said where what happened cannot be read.
func unknown(rw http.ResponseWriter, name string) {
	rw.Header().Set("Retry-After", "30")
	refuse(rw, http.StatusServiceUnavailable, notice{Name: name, Heading: "We cannot tell right now",
		Text: "How our services are doing cannot be read at the moment. That says nothing about whether they work. Please look again in a minute."})
}

// missing is what is said of an incident that the page does not have.
func missing(rw http.ResponseWriter, name string) {
	refuse(rw, http.StatusNotFound, notice{Name: name, Heading: "Nothing is told here", Home: "../",
		Text: "There is no such incident, or it is older than what this page tells."})
}

func refuse(rw http.ResponseWriter, status int, n notice) {
	body, err := n.draw()
	if err != nil {
		http.Error(rw, n.Heading, status)
		return
	}
	rw.Header().Set("Content-Type", "text/html; charset=utf-8")
	rw.Header().Set("Cache-Control", "no-store")
	rw.WriteHeader(status)
	_, _ = rw.Write(body) // a reader who went away is no trouble of the page's
}

// escapePath is the text as one part of a path.
func escapePath(text string) string {
	var b strings.Builder
	for _, c := range []byte(text) {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.IndexByte("-_.~", c) >= 0:
			b.WriteByte(c)
		default:
			b.WriteString("%" + strings.ToUpper(hex.EncodeToString([]byte{c})))
		}
	}
	return b.String()
}
