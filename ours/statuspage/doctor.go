package statuspage

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"sparky/internal/httpcall"
	"sparky/internal/plaintext"
	"sparky/internal/setting"
)

const (
	tokenSetting     = "status_page.token"
	lookInStatuspage = "see that this machine reaches the address in status_page.api_url"
)

// Looks are the looks at the status_page block: the page, and each of its components. They only read. The client carries
// Config.Auth.
func (c Config) Looks(client *httpcall.Client) []setting.Look {
	if c.Provider == ProviderBuiltin {
		return []setting.Look{{What: "status_page", Try: func(context.Context) setting.Finding {
			return setting.Well("Sparky serves the page itself, under /status")
		}}}
	}
	api := newAPI(c, client)
	components := setting.Shared(api.list)
	looks := []setting.Look{{What: tokenSetting, Try: func(ctx context.Context) setting.Finding { return api.examine(ctx, c.PageID) }}}
	for _, feature := range slices.Sorted(maps.Keys(c.Components)) {
		looks = append(looks, setting.Look{What: "status_page.components." + feature, Needs: tokenSetting, Try: func(ctx context.Context) setting.Finding {
			all, err := components(ctx)
			return findComponent(all, err, c.Components[feature])
		}})
	}
	return looks
}

// examine reads the page itself.
func (a *api) examine(ctx context.Context, page string) setting.Finding {
	tried := "GET pages/" + page
	var found struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	}
	err := a.call(ctx, http.MethodGet, "", nil, &found)
	switch {
	case err != nil:
		return unwell(tried, err)
	case found.ID != page:
		return setting.Wrong(tried, "the answer is not about the page", "check status_page.api_url")
	}
	return setting.Well("%s: “%s”", tried, plaintext.Line(found.Name, 100))
}

func findComponent(all []component, err error, id string) setting.Finding {
	const tried = "GET components"
	if err != nil {
		return unwell(tried, err)
	}
	var names []string
	for _, one := range all {
		if one.ID == id {
			return setting.Well("%s: it is “%s” there", tried, plaintext.Line(one.Name, 100))
		}
		names = append(names, one.ID+" ("+one.Name+")")
	}
	return setting.Wrong(tried, fmt.Sprintf("the page has no component %s, but %s", id, plaintext.Line(cmp.Or(strings.Join(names, ", "), "none at all"), 300)),
		"give the id of one of them")
}

// unwell is the finding that a call failed.
func unwell(tried string, err error) setting.Finding {
	var no *httpcall.Refusal
	if errors.As(err, &no) && (no.Mend != "" || no.Status != 0) {
		return setting.Wrong(tried, no.What, cmp.Or(no.Mend, lookInStatuspage))
	}
	return setting.Failed(tried, err, lookInStatuspage)
}
