// Package catalog is what Sparky knows of well-known vendors without being told: their names, where they announce changes,
// and where they tell of outages. It is one embedded file; each address in it carries a mark that says how well it is
// known and where that was read. Addresses that need a sign-in or a choice are hints, which nothing reads by itself.
package catalog

import (
	_ "embed"
	"slices"
	"strings"
	"sync"

	"sparky/partners"

	"go.yaml.in/yaml/v4"
)

// Vendor is one vendor of the catalogue.
type Vendor struct {
	ID        string   `yaml:"id"`
	Name      string   `yaml:"name"`
	Aliases   []string `yaml:"aliases"`
	Changelog []Fact   `yaml:"changelog"`
	Status    Fact     `yaml:"status"` // its URL is empty where no public page is known
	Hints     []Fact   `yaml:"hints"`
}

// Fact is one address and what is known of it.
type Fact struct {
	What   string `yaml:"what"` // changelog or status; of hints alone
	Kind   string `yaml:"kind"` // a partners.SourceKind, or a kind of status page
	URL    string `yaml:"url"`
	Item   string `yaml:"item"`   // CSS selectors, for a changelog of kind html
	Title  string `yaml:"title"`  // CSS selectors, for a changelog of kind html
	Mark   string `yaml:"mark"`   // A the vendor's own word, B working code or a recorded answer, C one page
	Source string `yaml:"source"` // where it was read
	Note   string `yaml:"note"`   // what to expect of it
}

//go:embed catalog.yaml
var file []byte

// vendors reads the embedded file once. The file is a part of the program: its test reads it strictly.
var vendors = sync.OnceValue(func() []Vendor {
	var catalog struct {
		Vendors []Vendor `yaml:"vendors"`
	}
	if err := yaml.Unmarshal(file, &catalog); err != nil {
		panic("catalog: the embedded catalog.yaml: " + err.Error())
	}
	return catalog.Vendors
})

// Lookup finds a vendor by its id or one of its aliases, without regard to case. What it returns is the caller's own.
func Lookup(id string) (Vendor, bool) {
	id = strings.TrimSpace(id)
	for _, v := range vendors() {
		if strings.EqualFold(v.ID, id) || slices.ContainsFunc(v.Aliases, func(a string) bool { return strings.EqualFold(a, id) }) {
			return v.clone(), true
		}
	}
	return Vendor{}, false
}

// IDs are the ids of all vendors in alphabetical order.
func IDs() []string {
	var ids []string
	for _, v := range vendors() {
		ids = append(ids, v.ID)
	}
	slices.Sort(ids)
	return ids
}

// Apply fills in from the catalogue what the partner's own entry leaves out: id, name, aliases, changelog and status page.
// What is written in the entry stands, an empty list too; a status that names components or credentials alone gets the
// catalogue's address. A partner without a catalogue entry, or with one that does not exist, is returned as it is.
func Apply(p partners.Partner) partners.Partner {
	v, ok := Lookup(p.Catalog)
	if p.Catalog == "" || !ok {
		return p
	}
	if p.ID == "" {
		p.ID = v.ID
	}
	if p.Name == "" {
		p.Name = v.Name
	}
	if p.Aliases == nil {
		p.Aliases = v.Aliases
	}
	if p.Changelog == nil {
		p.Changelog = v.sources()
	}
	if p.Status.IsZero() {
		p.Status.Kind, p.Status.URL = v.Status.Kind, v.Status.URL
	}
	return p
}

func (v Vendor) sources() []partners.Source {
	var sources []partners.Source
	for _, f := range v.Changelog {
		sources = append(sources, partners.Source{Kind: partners.SourceKind(f.Kind), URL: f.URL, Item: f.Item, Title: f.Title})
	}
	return sources
}

func (v Vendor) clone() Vendor {
	v.Aliases, v.Changelog, v.Hints = slices.Clone(v.Aliases), slices.Clone(v.Changelog), slices.Clone(v.Hints)
	return v
}
