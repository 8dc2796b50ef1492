package statuspage

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"sparky/incidents"
	"sparky/internal/httpcall"
	"sparky/internal/setting"
)

// Source remembers incidents.
type Source interface {
	// Incident is the incident of that ID as it stands now.
	Incident(ctx context.Context, id string) (incidents.Incident, error)
	Archive
}

// Archive remembers what our public page has said.
type Archive interface {
	// Posts are the incidents whose Post is published, however old, and those whose Post was resolved since then. It may
	// give more.
	Posts(ctx context.Context, since time.Time) ([]incidents.Incident, error)
}

// Performer carries out effects of one kind; see scheduler.Performer.
type Performer interface {
	Do(ctx context.Context, key string, payload, previous []byte) ([]byte, error)
	Find(ctx context.Context, key string, payload []byte) ([]byte, bool, error)
}

// Outside is what the performers need beside the configuration.
type Outside struct {
	Client *httpcall.Client // carries Config.Auth
	Source Source
	Now    func() time.Time
	Log    *slog.Logger
	// Address is where customers read the page that Sparky serves, without a slash at its end. Only with ProviderBuiltin.
	Address string
}

// Auth is the credential for calls to Statuspage.
func (c Config) Auth() httpcall.Auth {
	if c.Token.IsZero() {
		return httpcall.Auth{}
	}
	return httpcall.Auth{Header: &httpcall.Header{Name: "Authorization", Value: setting.NewSecret("OAuth " + c.Token.Reveal())}, Host: c.APIURL}
}

// Performers are those for effects of kind incidents.EffectPost and of kind incidents.EffectComponents.
func (c Config) Performers(outside Outside) (post, components Performer) {
	if c.Provider == ProviderBuiltin {
		return served{outside.Source, outside.Address}, standing{}
	}
	api := newAPI(c, outside.Client)
	return &poster{api: api, source: outside.Source, components: c.Components, page: c.PageID},
		&features{api: api, source: outside.Source, components: c.Components, now: outside.Now, log: outside.Log}
}

// served is the post on the page that Sparky serves itself, which reads what is remembered: nothing is left to be done.
type served struct {
	source  Source
	address string
}

// Do answers where the incident stands.
func (s served) Do(ctx context.Context, key string, payload, _ []byte) ([]byte, error) {
	ref, err := refOf(key, payload)
	if err != nil {
		return nil, err
	}
	in, err := s.source.Incident(ctx, ref.Incident)
	if err != nil {
		return nil, httpcall.Unsent(fmt.Errorf("showing %s on our page: %w", ref.Incident, err))
	}
	if len(in.Post.Updates) == 0 {
		return encode(in.ID, incidents.PostResult{})
	}
	return encode(in.ID, incidents.PostResult{ID: in.ID, URL: s.address + incidentPath(in.ID)})
}

// Find answers that it is not there, because doing it again changes nothing.
func (served) Find(context.Context, string, []byte) ([]byte, bool, error) { return nil, false, nil }

// standing are the features on the page that Sparky serves itself.
type standing struct{}

// Do has nothing to do.
func (standing) Do(context.Context, string, []byte, []byte) ([]byte, error) {
	return []byte("{}"), nil
}

// Find answers that it is not there, because doing it again changes nothing.
func (standing) Find(context.Context, string, []byte) ([]byte, bool, error) { return nil, false, nil }

func refOf(key string, payload []byte) (incidents.Ref, error) {
	var ref incidents.Ref
	if err := json.Unmarshal(payload, &ref); err != nil || ref.Incident == "" {
		return ref, &httpcall.Refusal{What: fmt.Sprintf("effect %s names no incident", key), Lasts: true,
			Mend: "this is a mistake in Sparky, please report it"}
	}
	return ref, nil
}

func encode(what string, result any) ([]byte, error) {
	encoded, err := json.Marshal(result)
	if err != nil {
		return nil, fmt.Errorf("keeping how %s stands on our page: %w", what, err)
	}
	return encoded, nil
}
