package partners

import "time"

// Contract is what an integration of ours relies on in a partner's API: the calls that it makes, what it reads of their
// answers, and how a refusal looks. It is data; package partners/compat holds an API to it.
type Contract struct {
	API string // what people call it: "ServiceNow Table API"
	// Versions is the form of a version that a call can name, as a regular expression of the whole of it; Example is one.
	Versions, Example string
	// Present is the version that the integration calls today; empty where its calls name none.
	Present    string
	Headers    map[string]string // that name the version, with {version}; not sent where there is none
	Operations []Operation       // in order; each may use what those before it saved
	Litter     *Litter           // nil where the operations leave nothing behind
	Latency    time.Duration     // how long one call may take; 5 s where 0
}

// Operation is one call and what is relied on in its answer. {version}, {tenant}, {table}, {mark} and the names that
// operations before it saved stand in Path, in values of Query and, but for saved ones, in Body.
type Operation struct {
	Name      string            // what it does: "create an incident"
	Method    string            // GET where empty
	Path      string            // from the host on; WebhookPath for the configured webhook
	Query     map[string]string // an empty value takes the parameter out
	Body      string            // JSON
	Anonymous bool              // without our credential
	Status    int               // of the right answer; 0 with Anonymous: 401 or 403, of which the partner documents neither
	Fields    []Field           // none: the body is not read
	Headers   []Field           // by the name of the header
	Save      map[string]string // name: path of a field
	Paging    *Paging           // how a long list comes in pages; nil where it is none, or we read no further
}

// WebhookPath is the path of an operation that calls the configured webhook, whose address is a secret as a whole.
const WebhookPath = "{webhook}"

// Field is a value that is read, by its path: names with a dot between them, and [] after a list whose every entry has it.
type Field struct {
	Path     string
	Type     FieldType
	Optional bool   // may be absent or null
	Is       string // must be this; {mark} stands for the mark of the run. Empty: any
}

// FieldType is the type of a value in JSON, in words for a person.
type FieldType string

// The types. A word is text that is not empty.
const (
	FieldText   FieldType = "text"
	FieldWord   FieldType = "text that is not empty"
	FieldNumber FieldType = "a number"
	FieldTruth  FieldType = "true or false"
	FieldList   FieldType = "a list"
	FieldObject FieldType = "an object"
)

// Paging is how a list is read in pages: entries under Items, known by Key, at most Limit of them from Offset on.
type Paging struct{ Items, Key, Limit, Offset string }

// Litter is how what a run made, and could not end, is found and ended: by the mark that the run wrote into it.
type Litter struct {
	List        Operation // of which Items, a path, are the entries
	Items       string
	Mark, ID    string    // fields of an entry; it is of the run where Mark is the run's
	End         Operation // uses {id}
	What, Shown string    // what an entry is, for a person, and its field that names it: incident, number
}
