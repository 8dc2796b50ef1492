package newrelic

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
)

// queryTimeout is how long New Relic may work on a query, in seconds; 5 is its own default.
const queryTimeout = 10

const nrqlQuery = `query($account: Int!, $nrql: Nrql!, $timeout: Seconds) {
	actor { account(id: $account) { nrql(query: $nrql, timeout: $timeout) { results metadata { facets } } } }
}`

// rows are what a query gave.
type rows struct {
	Results  []map[string]any `json:"results"`
	Metadata struct {
		Facets []string `json:"facets"`
	} `json:"metadata"`
}

// query asks NRQL. The text is passed as a variable: nothing in it can change the question around it.
func (g *Graph) query(ctx context.Context, nrql string) (rows, error) {
	var data struct {
		Actor struct {
			Account *struct {
				NRQL *rows `json:"nrql"`
			} `json:"account"`
		} `json:"actor"`
	}
	variables := map[string]any{"account": g.account, "nrql": nrql, "timeout": queryTimeout}
	if err := g.ask(ctx, nrqlQuery, variables, &data); err != nil {
		return rows{}, err
	}
	if data.Actor.Account == nil {
		return rows{}, &Error{Said: fmt.Sprintf("nothing of account %d; may the user of the key see it?", g.account)}
	}
	if data.Actor.Account.NRQL == nil {
		return rows{}, nil
	}
	return *data.Actor.Account.NRQL, nil
}

// Value is one number of an answer.
type Value struct {
	Of     string  // which row it is of, such as a facet's value; empty where there is one row alone
	Number float64 // as it came
}

// ErrNoNumber is a query whose answer has values, and no number among them.
var ErrNoNumber = errors.New("the query gives texts and no number that could be compared; select a figure, like percentile(duration, 95) or count(*)")

// Numbers asks NRQL and gives every number of the answer, in order. None means that there is no value now: no rows, or
// null in them.
func (g *Graph) Numbers(ctx context.Context, nrql string) ([]Value, error) {
	found, err := g.query(ctx, nrql)
	if err != nil {
		return nil, err
	}
	var all []Value
	texts := false
	for _, row := range found.Results {
		if row["comparison"] == "previous" {
			continue // COMPARE WITH: what was then is no breach now
		}
		values, more := numbersIn(row, found.Metadata.Facets)
		all, texts = append(all, values...), texts || more
	}
	if len(all) == 0 && texts {
		return nil, ErrNoNumber
	}
	return all, nil
}

// beside are the fields of a row that say which row it is, and are no value.
func beside(facets []string) []string {
	return append([]string{"facet", "comparison", "beginTimeSeconds", "endTimeSeconds", "inspectedCount", "timestamp"}, facets...)
}

// numbersIn are a row's numbers, in the order of their names; texts tells that there are other values.
func numbersIn(row map[string]any, facets []string) (all []Value, texts bool) {
	skip := beside(facets)
	var names []string
	for name := range row {
		if !slices.Contains(skip, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	of := facetOf(row)
	for _, name := range names {
		inner, several := row[name].(map[string]any) // a percentile, by its threshold
		if !several {
			inner = map[string]any{"": row[name]}
		}
		for _, key := range slices.Sorted(maps.Keys(inner)) {
			number, ok := inner[key].(float64)
			switch {
			case ok && !math.IsNaN(number) && !math.IsInf(number, 0):
				all = append(all, Value{Of: of, Number: number})
			case inner[key] != nil:
				texts = true
			}
		}
	}
	return all, texts
}

// facetOf names a row.
func facetOf(row map[string]any) string {
	switch facet := row["facet"].(type) {
	case nil:
		return ""
	case []any:
		var parts []string
		for _, part := range facet {
			parts = append(parts, fmt.Sprint(part))
		}
		return short(strings.Join(parts, ", "))
	default:
		return short(fmt.Sprint(facet))
	}
}

// quoted is a text as NRQL writes one. A backslash keeps a quote from ending it.
func quoted(value string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(value) + "'"
}

// Worst is the value that is past the limit by most, or nearest to it; ok is false where there is no value.
func (a Alert) Worst(values []Value) (worst Value, past, ok bool) {
	for _, v := range values {
		if !ok || cmp.Compare(a.excess(v), a.excess(worst)) > 0 {
			worst, ok = v, true
		}
	}
	return worst, ok && a.excess(worst) > 0, ok
}

// excess is by how much a value is past the limit; not positive where it is not.
func (a Alert) excess(v Value) float64 {
	if a.Above != nil {
		return v.Number - *a.Above
	}
	return *a.Below - v.Number
}

// Says is the value and the limit in words.
func (a Alert) Says(v Value, past bool) string {
	of := ""
	if v.Of != "" {
		of = " for " + v.Of
	}
	word, limit := "above", a.Above
	if a.Below != nil {
		word, limit = "below", a.Below
	}
	if !past {
		return fmt.Sprintf("%s is %s%s, no longer %s %s", a.Name, figure(v.Number), of, word, figure(*limit))
	}
	return fmt.Sprintf("%s is %s%s, %s the limit of %s", a.Name, figure(v.Number), of, word, figure(*limit))
}

// figure is a number for people: at most three digits after the point.
func figure(n float64) string {
	text, err := json.Marshal(math.Round(n*1000) / 1000)
	if err != nil {
		return fmt.Sprint(n)
	}
	return string(text)
}
