package partners

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestWorse(t *testing.T) {
	order := []Level{Unknown, Operational, Maintenance, Degraded, PartialOutage, MajorOutage}
	for i, a := range order {
		for j, b := range order {
			if got := a.Worse(b); got != order[max(i, j)] {
				t.Errorf("%s.Worse(%s) = %s", a, b, got)
			}
		}
	}
	if Level("").Worse(Operational) != Operational || Operational.Worse("") != Operational {
		t.Error("no level is worse than a level")
	}
}

func TestAnIncidentIsOpen(t *testing.T) {
	for _, c := range []struct {
		i    PageIncident
		want Level
	}{
		{PageIncident{Level: MajorOutage}, MajorOutage},
		{PageIncident{Level: Operational}, Degraded}, // a page calls it harmless
		{PageIncident{}, Degraded},
		{PageIncident{Level: MajorOutage, Resolved: true}, Unknown},
		{PageIncident{Level: MajorOutage, Notice: true}, Unknown},
		{PageIncident{Level: MajorOutage, Stale: true}, Unknown},
	} {
		if got := c.i.OpenLevel(); got != c.want || c.i.Open() != (c.want != Unknown) {
			t.Errorf("%+v is %s, open %v; want %s", c.i, got, c.i.Open(), c.want)
		}
	}
}

func TestUnknownStatus(t *testing.T) {
	at := time.Date(2026, 9, 14, 10, 0, 0, 0, time.UTC)
	s := UnknownStatus("https://status.example", "nobody answers", at)
	if s.Level != Unknown || s.Problem != "nobody answers" || s.Page != "https://status.example" || !s.ReadAt.Equal(at) {
		t.Errorf("%+v", s)
	}
	if ours := s.Concerning([]string{"API"}); ours.Level != Unknown || ours.Problem != s.Problem {
		t.Errorf("what concerns us of nothing is %+v", ours)
	}
	out, err := json.Marshal(Status{Level: Operational})
	if err != nil || strings.Contains(string(out), "0001") || strings.Contains(string(out), "indicator") {
		t.Errorf("%s, %v", out, err)
	}
}

func page(change ...func(*Status)) Status {
	s := Status{Level: Operational, Components: []Component{
		{Name: "API", Group: "Europe", Region: "eu-west-1", Level: Operational},
		{Name: "API", Group: "America", Region: "us-east-1", Level: Operational},
		{Name: "Apps/Integrations/APIs [beta]", Level: Operational},
		{Name: "Website", Level: Operational},
	}}
	for _, c := range change {
		c(&s)
	}
	return s
}

func component(n int, l Level) func(*Status) { return func(s *Status) { s.Components[n].Level = l } }

func incident(i PageIncident) func(*Status) {
	return func(s *Status) { s.Incidents = append(s.Incidents, i) }
}

func window(w PageWindow) func(*Status) { return func(s *Status) { s.Windows = append(s.Windows, w) } }

func indicator(l Level) func(*Status) { return func(s *Status) { s.Indicator, s.Level = l, l } }

func nothingListed(s *Status) { s.Components = nil }

// TestConcerning is one table, and longer than a screen for that.
func TestConcerning(t *testing.T) {
	web := []string{"Website"}
	for name, c := range map[string]struct {
		page     Status
		patterns string
		want     Level
	}{
		"ours is well":                                 {page(component(0, MajorOutage)), "Website", Operational},
		"ours is out":                                  {page(component(3, MajorOutage)), "Website", MajorOutage},
		"case and blanks do not matter":                {page(component(3, MajorOutage)), " wEBSITE ", MajorOutage},
		"a part of a name is not the name":             {page(component(3, MajorOutage)), "Web", Unknown},
		"a glob":                                       {page(component(3, Degraded)), "Web*", Degraded},
		"a glob for one letter":                        {page(component(3, Degraded)), "Websit?", Degraded},
		"a star crosses slashes":                       {page(component(2, Degraded)), "apps*beta]", Degraded},
		"brackets are brackets":                        {page(component(2, Degraded)), "Apps/Integrations/APIs [beta]", Degraded},
		"a class of letters is none":                   {page(component(3, Degraded)), "[W]ebsite", Unknown},
		"a group":                                      {page(component(0, PartialOutage)), "Europe", PartialOutage},
		"another group":                                {page(component(0, PartialOutage)), "America", Operational},
		"one of a group":                               {page(component(1, PartialOutage)), "america/api", PartialOutage},
		"a region":                                     {page(component(1, PartialOutage)), "us-*", PartialOutage},
		"a name in two groups means both":              {page(component(1, PartialOutage)), "API", PartialOutage},
		"nothing matches":                              {page(), "Payments", Unknown},
		"ours in a word that is not known":             {page(component(3, Unknown)), "Website", Unknown},
		"another in a word that is not known":          {page(component(0, Unknown), func(s *Status) { s.Level = Unknown }), "Website", Operational},
		"an incident without components":               {page(incident(PageIncident{Name: "Slow"})), "Website", Degraded},
		"an incident without components, and no match": {page(incident(PageIncident{Name: "Slow"})), "Payments", Degraded},
		"an incident of another":                       {page(incident(PageIncident{Name: "Slow", Components: []string{"API"}, Level: MajorOutage})), "Website", Operational},
		"an incident of ours":                          {page(incident(PageIncident{Name: "Slow", Components: web, Level: MajorOutage})), "Website", MajorOutage},
		"an incident of our region":                    {page(incident(PageIncident{Components: web, Regions: []string{"eu-west-1"}})), "eu-*", Degraded},
		"an incident of another region":                {page(incident(PageIncident{Regions: []string{"us-east-1"}})), "eu-*", Operational},
		"our region in its name alone":                 {page(incident(PageIncident{Name: "API errors in eu-west-1", Components: []string{"API core"}})), "eu-west-1", Degraded},
		"our part in its text alone":                   {page(incident(PageIncident{Name: "Errors", Text: "The website is down, too.", Components: []string{"API"}})), "Website", Degraded},
		"our glob in its text alone":                   {page(incident(PageIncident{Text: "It began in EU-WEST-1.", Components: []string{"API"}})), "eu-west*", Degraded},
		"a short glob is not in every word":            {page(incident(PageIncident{Text: "Some users see errors.", Components: []string{"API"}})), "US*", Operational},
		"a short glob as it is written":                {page(incident(PageIncident{Text: "Errors in US-2.", Components: []string{"API"}})), "US*", Degraded},
		"a star alone is not looked for in prose":      {page(nothingListed, incident(PageIncident{Text: "x", Components: []string{"API"}})), "?", Operational},
		"named as well":                                {page(incident(PageIncident{Text: "API calls fail. The website is not affected.", Components: []string{"API"}})), "Website", Operational},
		"named as resolved":                            {page(incident(PageIncident{Name: "Resolved in eu-west-1. Impact continues in us-east-1", Components: []string{"Disks"}})), "eu-west-1", Operational},
		"named as not resolved":                        {page(incident(PageIncident{Name: "Resolved in eu-west-1. Impact continues in us-east-1", Components: []string{"Disks"}})), "us-east-1", Degraded},
		"a part of a longer word":                      {page(incident(PageIncident{Text: "Websites of others fail.", Components: []string{"API"}})), "Website", Operational},
		"a resolved incident":                          {page(incident(PageIncident{Components: web, Level: MajorOutage, Resolved: true})), "Website", Operational},
		"a notice":                                     {page(incident(PageIncident{Components: web, Notice: true})), "Website", Operational},
		"a forgotten incident":                         {page(incident(PageIncident{Components: web, Stale: true})), "Website", Operational},
		"maintenance of another":                       {page(window(PageWindow{Name: "Website cables", InProgress: true, Components: []string{"API"}})), "Website", Operational},
		"maintenance of ours":                          {page(window(PageWindow{InProgress: true, Components: web})), "Website", Maintenance},
		"maintenance of ours, later":                   {page(window(PageWindow{Components: web})), "Website", Operational},
		"maintenance of everything":                    {page(window(PageWindow{InProgress: true})), "Website", Maintenance},
		"an indicator that another accounts for":       {page(component(0, MajorOutage), indicator(MajorOutage)), "Website", Operational},
		"an indicator that an incident accounts for":   {page(incident(PageIncident{Components: []string{"API"}}), indicator(MajorOutage)), "Website", Operational},
		"an indicator that maintenance accounts for":   {page(window(PageWindow{InProgress: true, Components: []string{"API"}}), indicator(Maintenance)), "Website", Operational},
		"an indicator that nothing accounts for":       {page(indicator(MajorOutage)), "Website", MajorOutage},
		"an indicator without a list":                  {page(nothingListed, indicator(PartialOutage)), "Website", PartialOutage},
		"an indicator and a forgotten incident":        {page(indicator(Degraded), incident(PageIncident{Components: []string{"API"}, Stale: true})), "Website", Degraded},
		"a list without components":                    {page(nothingListed), "Website", Operational},
	} {
		t.Run(name, func(t *testing.T) {
			got := c.page.Concerning([]string{c.patterns})
			if got.Level != c.want {
				t.Errorf("%s (%s), want %s", got.Level, got.Problem, c.want)
			}
			if (got.Level == Unknown) != (got.Problem != "") {
				t.Errorf("%s with problem %q", got.Level, got.Problem)
			}
		})
	}
}

func TestConcerningKeepsWhatIsOursAndTellsWhatIsMissing(t *testing.T) {
	s := page(incident(PageIncident{Name: "theirs", Components: []string{"API"}}), incident(PageIncident{Name: "ours", Components: []string{"Website"}, Notice: true}),
		window(PageWindow{Name: "theirs", Components: []string{"API"}}), window(PageWindow{Name: "ours", Components: []string{"Website"}}))
	got := s.Concerning([]string{"Website", "Payments", "Mail*"})
	if len(got.Components) != 1 || len(got.Incidents) != 1 || got.Incidents[0].Name != "ours" || len(got.Windows) != 1 || got.Windows[0].Name != "ours" {
		t.Errorf("%+v", got)
	}
	if !slices.Equal(got.Unmatched, []string{"Payments", "Mail*"}) || got.Level != Operational {
		t.Errorf("unmatched %v, %s", got.Unmatched, got.Level)
	}
	if len(s.Components) != 4 || len(s.Incidents) != 2 || s.Unmatched != nil {
		t.Errorf("the page itself was changed: %+v", s)
	}
	whole := page(component(0, MajorOutage))
	whole.Level = MajorOutage
	if got := whole.Concerning(nil); got.Level != MajorOutage || len(got.Components) != 4 {
		t.Errorf("without patterns: %+v", got)
	}
}

func FuzzConcerning(f *testing.F) {
	for _, p := range []string{"*", "API", "US*", "a?c", "[x", `\`, "**?*", "\xff", "é*"} {
		f.Add(p, "API", "errors in US-2; the API is not affected")
	}
	f.Fuzz(func(t *testing.T, pattern, name, text string) {
		s := Status{Level: Degraded, Components: []Component{{Name: name, Level: Degraded}},
			Incidents: []PageIncident{{Name: name, Text: text, Components: []string{"x"}}}}
		got := s.Concerning([]string{pattern})
		if got.Level == Operational || (got.Level == Unknown) != (got.Problem != "") {
			t.Errorf("%q of %q: %s (%s)", pattern, name, got.Level, got.Problem)
		}
		exact := strings.EqualFold(strings.TrimSpace(pattern), name) && strings.ToLower(strings.TrimSpace(pattern)) == strings.ToLower(name) //nolint:staticcheck // Concerning folds by ToLower, and not every letter folds the same both ways
		if name != "" && exact && !strings.ContainsAny(pattern, "*?") && len(got.Components) == 0 {
			t.Errorf("%q does not match itself", name)
		}
	})
}

// TestDoubt : where the page's silence means nothing, no more does it for the part of it that is ours.
func TestDoubt(t *testing.T) {
	doubtful := func(s *Status) { s.Doubt = "half of it can not be read" }
	theirs := PageIncident{Name: "theirs", Components: []string{"API"}, Level: MajorOutage}
	for name, c := range map[string]struct {
		page Status
		want Level
	}{
		"ours is well":                    {page(doubtful), Unknown},
		"ours is out":                     {page(doubtful, component(3, MajorOutage)), MajorOutage},
		"an incident of another":          {page(doubtful, incident(theirs)), Unknown},
		"an incident of another, no list": {page(nothingListed, doubtful, incident(theirs), func(s *Status) { s.Level = MajorOutage }), Unknown},
		"an incident of all":              {page(doubtful, incident(PageIncident{Name: "all"})), Degraded},
		"maintenance of ours":             {page(doubtful, window(PageWindow{InProgress: true, Components: []string{"Website"}})), Maintenance},
	} {
		got := c.page.Concerning([]string{"Website"})
		if got.Level != c.want || (got.Level == Unknown) != (got.Problem == "half of it can not be read") {
			t.Errorf("%s: %s (%s), want %s", name, got.Level, got.Problem, c.want)
		}
	}
	if got := page(doubtful).Concerning(nil); got.Doubt == "" {
		t.Error("without patterns the doubt is lost")
	}
}

// TestGlobs are patterns that people write, and some that nobody should.
func TestGlobs(t *testing.T) {
	for _, c := range []struct {
		pattern, name string
		want          bool
	}{
		{"API", "api", true}, {"API", "API ", false}, {" API ", "API", true}, {"*", "anything", true}, {"*", "", false}, {"", "API", false}, {"?", "é", true},
		{"??", "é", false}, {"a*c", "abc", true}, {"a*c", "ac", true}, {"a*c", "acb", false}, {"**", "x", true}, {"*a*b*", "xaxxbx", true}, {"*a*b*", "xbxxa", false},
		{"a.c", "abc", false}, {"a.c", "a.c", true}, {`a\*`, `a\b`, true}, {"[ab]", "a", false}, {"US (East)", "us (east)", true}, {"ÄÖ*", "äöü", true},
		{strings.Repeat("*a", 40), strings.Repeat("a", 30), false}, {strings.Repeat("*a", 20) + "*", strings.Repeat("a", 300), true},
	} {
		if got := matchesAny([]string{c.pattern}, c.name); got != c.want {
			t.Errorf("%q of %q: %v", c.pattern, c.name, got)
		}
	}
}

// TestProse are sentences that do and do not tell of trouble with the website.
func TestProse(t *testing.T) {
	for text, want := range map[string]bool{
		"The website is slow":                      true,
		"Trouble with website.":                    true,
		"(Website)":                                true,
		"website":                                  true,
		"Website/API":                              true,
		"WEBSITE-1":                                true,
		"websites":                                 false,
		"mywebsite":                                false,
		"The website is not affected":              false,
		"The website is unaffected.":               false,
		"There is no impact on the website":        false,
		"The website remains operational":          false,
		"The website was never impacted":           false,
		"The website isn't affected":               false,
		"The API is not affected. The website is.": true,
		"The website is affected; the API is not affected": true,
		"Resolved in website":                              false,
		"":                                                 false,
		"The API is not affected, but the website is":  true,
		"The website is not affected, but the API is":  false,
		"While the website is unaffected, logins fail": false,
		"Mail is unaffected while the website fails":   true,
		"Websites weren’t affected":                    false,
	} {
		if got := newProse([]string{"Website"}).in(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
	for _, pattern := range []string{"", "*", "?", "a", "*a", "**", " "} {
		if newProse([]string{pattern}) != nil {
			t.Errorf("%q is looked for in prose", pattern)
		}
	}
}
