package statuspage

import (
	"errors"
	"strings"

	"sparky/internal/plaintext"
)

// The Azure status feed: rssfeed.azure.status.microsoft/en-us/status/feed/. Source: captures of 23 July and 1 August 2026
// with the notes of the tool that kept them. An empty channel is the healthy state, so its title is what is believed; the
// feed at status.azure.com is routed to the nearest region, and the copy in a failing region was empty for hours. Regions
// and services are both categories. An item is taken down, or its title changed, when it is over.

const azureTitle = "azure status"

func isAzure(doc document) bool {
	return doc.shape == shapeXML && strings.EqualFold(doc.feedTitle(), azureTitle)
}

func readAzure(doc document, d *draft) error {
	feed, err := parseFeed(doc)
	if err != nil {
		return err
	}
	routed := host(doc.address) == "status.azure.com"
	if len(feed.Items) == 0 && routed {
		return errors.New("status.azure.com answers with the copy of the nearest region, and an empty copy says nothing; " +
			"give the address https://rssfeed.azure.status.microsoft/en-us/status/feed/")
	}
	if routed {
		d.note("status.azure.com answers with the copy of the nearest region; rssfeed.azure.status.microsoft is the one to read.")
	}
	d.page("https://azure.status.microsoft/", feedUpdated(feed))
	d.judged = true
	for _, item := range feed.Items {
		incident := feedIncident(item, d)
		incident.Link = d.status.Page // the item's own names the internal host of a region
		incident.Components, incident.Regions = azureCategories(item.Categories)
		incident.Resolved = titleSaysOver(item.Title)
		incident.Phase, incident.Stale = "active", false
		if incident.Resolved {
			incident.Phase = "resolved"
		}
		d.incident(incident)
	}
	return nil
}

// azureCategories tells the regions among the categories from the services: Azure names a region by a point of the
// compass and little more (West US 2, North Europe, Southeast Asia). What is mistaken for the other is matched all the same.
func azureCategories(categories []string) (services, regions []string) {
	for _, category := range categories {
		category = plaintext.Line(category, longestName)
		switch {
		case category == "":
		case isAzureRegion(strings.Fields(strings.ToLower(category))):
			regions = append(regions, category)
		default:
			services = append(services, category)
		}
	}
	return services, regions
}

func isAzureRegion(words []string) bool {
	if len(words) > 4 {
		return false
	}
	for _, word := range words {
		switch word {
		case "north", "south", "east", "west", "central", "southeast", "northeast", "southcentral", "northcentral", "westcentral",
			"usgov", "usdod", "global", "worldwide", "non-regional":
			return true
		}
	}
	return false
}
