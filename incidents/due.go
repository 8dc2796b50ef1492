package incidents

// The kinds of the effects that incidents ask for. A picture's payload is a Ref, and whoever carries it out asks for the
// incident as it stands then; a deed's payload holds all that is said.
const (
	EffectCard       = "slack.card"        // picture: the incident's one message; its result decodes as Card
	EffectThread     = "slack.thread"      // deed, payload ThreadLine: what happened, in the card's thread
	EffectTicket     = "jira.ticket"       // picture: the issue and its status; its result decodes as Ticket
	EffectComment    = "jira.comment"      // deed, payload Comment
	EffectPage       = "oncall.page"       // picture: whether on-call is called; its result decodes as PageResult
	EffectPost       = "public.post"       // picture: the incident on our public page; its result decodes as PostResult
	EffectComponents = "public.components" // picture, payload empty: the features on our public page
)

// Ref is the payload of a picture of an incident.
type Ref struct {
	Incident string `json:"incident"` // its ID
	Outage   int    `json:"outage,omitempty"`
}

// ThreadLine is something said in the thread of an incident's card.
type ThreadLine struct {
	Incident string `json:"incident"`
	Channel  string `json:"channel"`
	TS       string `json:"ts"` // of the card
	Event    Event  `json:"event"`
	Mention  string `json:"mention,omitempty"` // the user group that is called; empty for nobody
}

// Comment is something said in an incident's ticket.
type Comment struct {
	Incident string `json:"incident"`
	Ticket   string `json:"ticket"` // its key
	Text     string `json:"text"`   // plain, without markup
}

// PageResult is what the pager has taken.
type PageResult struct {
	Done PageState `json:"done"`
}

// PostResult is how an incident stands on our public page.
type PostResult struct {
	ID     string `json:"id"`
	URL    string `json:"url"`
	ByHand bool   `json:"by_hand,omitempty"` // a person edited it, so it was left alone
}
