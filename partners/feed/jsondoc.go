package feed

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// readJSON reads a JSON document by what its keys say that it is: a JSON Feed, a list of GitHub releases, Graph's
// service messages, GitHub's upcoming-changes.json, or a changelog file of Microsoft Graph.
func readJSON(text, base string) (document, error) {
	if strings.HasPrefix(text, "[") {
		d, err := readReleases([]byte(text), base)
		if err == nil && d.items == 0 {
			return document{}, errors.New("this is no changelog: got an empty JSON list, which may be one of anything")
		}
		return d, err
	}
	var keys struct {
		Version   json.RawMessage   `json:"version"`
		Items     json.RawMessage   `json:"items"`
		Value     []json.RawMessage `json:"value"`
		Upcoming  []json.RawMessage `json:"upcomingChanges"`
		Changelog []json.RawMessage `json:"changelog"`
	}
	err := json.Unmarshal([]byte(text), &keys)
	var wrongType *json.UnmarshalTypeError
	switch {
	case err != nil && !errors.As(err, &wrongType):
		return document{}, fmt.Errorf("this is no changelog: got %s", jsonName(text))
	case strings.Contains(string(keys.Version), "jsonfeed.org/version/"):
		return readJSONFeed(text, base)
	case keys.Upcoming != nil:
		return upcomingChanges(keys.Upcoming, base), nil
	case keys.Changelog != nil:
		return graphChanges(keys.Changelog, base), nil
	case keys.Value != nil && (strings.Contains(text, "serviceAnnouncement") || strings.Contains(text, `"lastModifiedDateTime"`)):
		return messagesDocument(keys.Value), nil
	case hasFeedItem(keys.Items):
		return readJSONFeed(text, base)
	}
	return document{}, fmt.Errorf("this is no changelog: got %s", jsonName(text))
}

// hasFeedItem tells that a list holds an item with text or an address, as those of a JSON Feed do: what a feed is known by
// that does not say its version.
func hasFeedItem(list json.RawMessage) bool {
	var items []map[string]json.RawMessage
	if json.Unmarshal(list, &items) != nil {
		return false
	}
	return slices.ContainsFunc(items, func(item map[string]json.RawMessage) bool {
		return item["content_html"] != nil || item["content_text"] != nil || item["title"] != nil && (item["url"] != nil || item["date_published"] != nil)
	})
}

// readJSONFeed reads a JSON Feed, of one with more than maxItems those at its ends.
func readJSONFeed(text, base string) (document, error) {
	var feed map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &feed); err != nil {
		return document{}, fmt.Errorf("this is no changelog: got %s", jsonName(text))
	}
	var items []json.RawMessage
	if err := json.Unmarshal(feed["items"], &items); err != nil {
		return document{}, errors.New("this is no JSON Feed: its items are no list")
	}
	from, to := middle(len(items))
	if to > from {
		list, err := json.Marshal(append(items[:from:from], items[to:]...))
		if err != nil {
			return document{}, fmt.Errorf("the items of the feed: %w", err)
		}
		feed["items"] = list
		shorter, err := json.Marshal(feed)
		if err != nil {
			return document{}, fmt.Errorf("the feed: %w", err)
		}
		text = string(shorter)
	}
	parsed, err := parseFeed(text)
	if err != nil {
		return document{}, err
	}
	d := feedDocument(parsed, base)
	d.items, d.skipped = d.items+to-from, d.skipped+to-from
	return d, nil
}

// upcomingChange is an entry of github/docs, src/graphql/data/fpt/upcoming-changes.json: a change of the GraphQL schema
// with the day on which it comes.
type upcomingChange struct {
	Location    string `json:"location"`
	Description string `json:"description"`
	Reason      string `json:"reason"`
	Date        string `json:"date"`
	Criticality string `json:"criticality"`
	Owner       string `json:"owner"`
}

func upcomingChanges(raw []json.RawMessage, page string) document {
	d := document{title: "GraphQL upcoming changes", format: "json-feed", items: len(raw)}
	for _, item := range raw {
		var c upcomingChange
		if json.Unmarshal(item, &c) != nil || c.Location == "" {
			d.skipped++
			continue
		}
		e := entry{
			id:    c.Location + "/" + c.Criticality + "/" + digest(c.Description)[:8],
			title: strings.TrimSpace(capital(c.Criticality) + " change: " + c.Location),
			body:  bodyText(c.Description + "\n" + c.Reason),
			link:  page,
			tags:  []string{c.Criticality},
		}
		if day, ok := parseDate(c.Date); ok {
			e.deadline = day.Format("2006-01-02")
			e.body = strings.TrimSpace(e.body + "\nTakes effect on " + e.deadline + ".")
		}
		d.entries = append(d.entries, e)
	}
	return d
}

// graphChange is an entry of microsoftgraph/microsoft-graph-docs, changelog/*.json: the changes of one workload that
// were published together.
type graphChange struct {
	ID         string        `json:"Id"`
	Cloud      string        `json:"Cloud"`
	Version    string        `json:"Version"`
	Created    string        `json:"CreatedDateTime"`
	Workload   string        `json:"WorkloadArea"`
	SubArea    string        `json:"SubArea"`
	ChangeList []graphDetail `json:"ChangeList"`
}

type graphDetail struct {
	Changed     string `json:"ChangedApiName"`
	Type        string `json:"ChangeType"`
	Description string `json:"Description"`
}

func graphChanges(raw []json.RawMessage, page string) document {
	d := document{title: "Microsoft Graph changelog", format: "json-feed", items: len(raw)}
	for _, item := range raw {
		var c graphChange
		if json.Unmarshal(item, &c) != nil || len(c.ChangeList) == 0 {
			d.skipped++
			continue
		}
		e := entry{
			title: strings.TrimSpace(c.Workload + " " + bracketedName(c.SubArea) + bracketedName(c.Version)),
			link:  page,
			tags:  []string{strings.ToLower(c.Version), c.Cloud, c.Workload},
		}
		if c.ID != "" {
			e.id = c.ID + c.Version
		}
		e.published, _ = parseDate(c.Created)
		var lines []string
		for _, change := range c.ChangeList {
			lines = append(lines, fmt.Sprintf("- %s: %s", cmp.Or(change.Type, "Change"), bodyText(change.Description)))
			e.tags = append(e.tags, change.Type)
		}
		e.body = tidy(strings.Join(lines, "\n"))
		d.entries = append(d.entries, e)
	}
	return d
}

func capital(word string) string {
	if word == "" {
		return ""
	}
	return strings.ToUpper(word[:1]) + word[1:]
}

func bracketedName(name string) string {
	if name == "" {
		return ""
	}
	return "(" + name + ") "
}
