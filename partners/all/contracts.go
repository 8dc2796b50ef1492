package all

import (
	"sparky/partners"
	"sparky/partners/graph"
	"sparky/partners/msteams"
	"sparky/partners/okta"
	"sparky/partners/powerbi"
	"sparky/partners/servicenow"
	"sparky/partners/workday"
)

// Contracts are what our integrations rely on in the partners' APIs, by kind of probe. The caller may change the map.
func Contracts() map[string]partners.Contract {
	return map[string]partners.Contract{
		partners.KindServiceNowIncident: servicenow.IncidentContract(),
		partners.KindServiceNowTable:    servicenow.TableContract(),
		partners.KindTeamsCard:          msteams.Contract(),
		partners.KindPowerBIGroups:      powerbi.Contract(),
		partners.KindGraphHealth:        graph.Contract(),
		partners.KindWorkdayWorkers:     workday.Contract(),
		partners.KindOktaOrg:            okta.Contract(),
	}
}
