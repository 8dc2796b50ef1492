package openapi

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi2"
	"github.com/getkin/kin-openapi/openapi2conv"
	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oasdiff/oasdiff/checker"
	"github.com/oasdiff/oasdiff/checker/localizations"
	"github.com/oasdiff/oasdiff/diff"
	"github.com/oasdiff/oasdiff/load"

	"sparky/partners"
)

// maxKept bounds what is remembered of a description, in bytes, without its texts and unpacked.
const maxKept = 16 << 20

// remembered is what is kept of a source between two readings.
type remembered struct {
	Contract map[string]any `json:"contract"`
	// Told are the moments at which a difference was told in the last day, by its fingerprint.
	Told map[string][]time.Time `json:"told,omitempty"`
}

// Compare reads a description of an API and tells what it says otherwise than the one that is remembered: as before came
// of the last reading's Document, nil at the first. Used are the operations that we call. The reading's Changes are one
// breaking entry for each of them that breaks, one for each that is deprecated, and one for a new version; where none of
// the description is known to be used, all of it counts, and the entries say so. Errors say what came instead of a
// description, or why it cannot be compared.
func Compare(document, before []byte, source partners.Source, used []partners.Endpoint, now time.Time) (reading partners.Reading, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			reading, err = partners.Reading{}, fmt.Errorf("comparing %s: its structure is none that can be compared: %s",
				source.Name(), clip(fmt.Sprint(cause), 200))
		}
	}()
	contract, format, err := understand(document)
	if err != nil {
		return partners.Reading{}, fmt.Errorf("reading %s: this is no description of an API: %w", source.Name(), err)
	}
	last, err := recall(before)
	if err != nil {
		return partners.Reading{}, fmt.Errorf("recalling the last reading of %s: %w", source.Name(), err)
	}
	reading = partners.Reading{Format: format, Items: len(contract.operations()), Title: contract.title()}
	if contract.outside > 0 {
		reading.Repaired = fmt.Sprintf("%d references lead to other documents or nowhere, and what stands there is not compared", contract.outside)
	}
	next := remembered{Contract: contract.root}
	if last.Contract != nil {
		old := &trimmed{root: last.Contract}
		if reading.Items == 0 && len(old.operations()) > 0 {
			return partners.Reading{}, fmt.Errorf("reading %s: it lists no operation now, where it listed %d before; it may have moved",
				source.Name(), len(old.operations()))
		}
		found, err := find(pair{old, contract}, used)
		if err != nil {
			return partners.Reading{}, fmt.Errorf("comparing %s with its last reading: %w", source.Name(), err)
		}
		teller := teller{source: source, title: contract.title(), now: now.UTC().Truncate(time.Second), told: last.Told}
		reading.Changes = teller.tell(found)
		next.Told = teller.told
		reading.Skipped = teller.held + found.beyond
	}
	if reading.Document, err = keep(next); err != nil {
		return partners.Reading{}, fmt.Errorf("reading %s: %w", source.Name(), err)
	}
	return reading, nil
}

func (t *trimmed) info(key string) string {
	info, _ := t.root["info"].(map[string]any)
	return clip(text(info[key]), 100)
}

func (t *trimmed) title() string { return t.info("title") }

// understand reads a document of any kind as OpenAPI 3.
func understand(document []byte) (*trimmed, string, error) {
	root, err := decode(document)
	if err != nil {
		return nil, "", err
	}
	version := text(root["openapi"])
	swagger := text(root["swagger"])
	if _, has := root["paths"].(map[string]any); !has && (version != "" || swagger != "") {
		return nil, "", errors.New("it has no paths")
	}
	switch {
	case strings.HasPrefix(version, "3."):
		contract, err := trim(root)
		return contract, "openapi " + clip(version, 10), err
	case swagger == "2.0" || swagger == "2":
		contract, err := converted(root)
		return contract, "swagger 2.0", err
	case version != "" || swagger != "":
		return nil, "", fmt.Errorf("it is of version %s, and 3.x and 2.0 are read", clip(version+swagger, 20))
	}
	return nil, "", errors.New("it says neither openapi nor swagger")
}

// converted is a description of Swagger 2.0 in the words of OpenAPI 3.
func converted(root map[string]any) (*trimmed, error) {
	first, err := trim(root)
	if err != nil {
		return nil, err
	}
	first.root["swagger"] = "2.0"
	data, err := json.Marshal(first.root)
	if err != nil {
		return nil, err
	}
	var old openapi2.T
	if err := json.Unmarshal(data, &old); err != nil {
		return nil, fmt.Errorf("it is not as Swagger 2.0 says: %s", clip(err.Error(), 200))
	}
	loader := openapi3.NewLoader()
	loader.ReadFromURIFunc = nothingElse
	now, err := openapi2conv.ToV3WithLoader(&old, loader, nil)
	if err != nil {
		return nil, fmt.Errorf("it is not as Swagger 2.0 says: %s", clip(err.Error(), 200))
	}
	if data, err = json.Marshal(now); err != nil {
		return nil, err
	}
	again, err := decode(data)
	if err != nil {
		return nil, err
	}
	contract, err := trim(again)
	if err == nil {
		contract.outside += first.outside
	}
	return contract, err
}

// difference is one thing that an operation asks or answers otherwise than before.
type difference struct {
	id     string // of the rule that found it
	text   string
	surely bool // it breaks callers; else it may
}

// run compares two descriptions of one operation, which were made as small as their difference.
func run(before, after map[string]any) ([]difference, error) {
	was, err := loaded(before)
	if err != nil {
		return nil, fmt.Errorf("what is remembered of it cannot be read: %s", clip(err.Error(), 200))
	}
	is, err := loaded(after)
	if err != nil {
		return nil, fmt.Errorf("it is not as OpenAPI says: %s", clip(err.Error(), 200))
	}
	report, sources, err := diff.GetWithOperationsSourcesMap(diff.NewConfig(), was, is)
	if err != nil {
		return nil, fmt.Errorf("it cannot be compared: %s", clip(err.Error(), 200))
	}
	all := checker.CheckBackwardCompatibilityUntilLevel(checker.NewConfig(checker.GetAllChecks()), report, sources, checker.WARN)
	words := english()
	var found []difference
	for _, change := range all {
		if change.GetPath() == "" || ofPolicy(change.GetId()) {
			continue
		}
		found = append(found, difference{change.GetId(), plain(change, words), change.GetLevel() == checker.ERR})
	}
	return found, nil
}

// ofPolicy tells of rules about how a provider should retire an operation; that it does is told by itself.
func ofPolicy(id string) bool {
	return strings.Contains(id, "sunset") && !strings.Contains(id, "removed") || strings.Contains(id, "stability") || strings.Contains(id, "reactivated")
}

// english is the checker's words. Its own way to them leads through text/template, which keeps every method of every
// type in the binary, for texts with places that are filled in by name; it has none.
func english() checker.Localizer {
	texts := localizations.New(localizations.LangDefault, localizations.LangDefault).Localizations
	return func(key string, args ...any) string {
		text, known := texts[localizations.LangDefault+".messages."+key]
		if !known {
			return key
		}
		return fmt.Sprintf(text, args...)
	}
}

// plain is the difference in words for people.
func plain(change checker.Change, words checker.Localizer) string {
	var out strings.Builder
	for i, part := range strings.Split(clip(change.GetUncolorizedText(words), 240), "`") {
		switch {
		case i%2 == 1:
			out.WriteString("“")
		case i > 0:
			out.WriteString("”")
		}
		out.WriteString(part)
	}
	return out.String()
}

func loaded(root map[string]any) (*load.SpecInfo, error) {
	data, err := json.Marshal(root)
	if err != nil {
		return nil, err
	}
	loader := openapi3.NewLoader()
	loader.ReadFromURIFunc = nothingElse
	document, err := loader.LoadFromData(data)
	if err != nil {
		return nil, err
	}
	return &load.SpecInfo{Url: "the description", Spec: document}, nil
}

// keep packs what is remembered.
func keep(r remembered) ([]byte, error) {
	data, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("packing it: %w", err)
	}
	if len(data) > maxKept {
		return nil, fmt.Errorf("it has %d MB without its texts, and %d MB are compared at most", len(data)>>20, maxKept>>20)
	}
	var packed bytes.Buffer
	writer := gzip.NewWriter(&packed)
	if _, err := writer.Write(data); err != nil {
		return nil, fmt.Errorf("packing it: %w", err)
	}
	if err := writer.Close(); err != nil {
		return nil, fmt.Errorf("packing it: %w", err)
	}
	return packed.Bytes(), nil
}

// recall unpacks what was remembered.
func recall(packed []byte) (remembered, error) {
	var r remembered
	if len(packed) == 0 {
		return r, nil
	}
	reader, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return r, err
	}
	data, err := io.ReadAll(io.LimitReader(reader, maxKept+1))
	if err != nil {
		return r, err
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	return r, decoder.Decode(&r)
}
