package changes
import ("testing";"fmt";"time")
func TestDbg2(t *testing.T){
 n:=0
 for _,f:=range []string{"../../shared/data/changelog_dev.jsonl","testdata/invented.jsonl","testdata/invented2.jsonl"} {
 for _,l:=range labelledChanges(t,f){
  e:=Classify(l.change(),time.Now())
  if e.Is(Beta){ w:=""; if l.Label.BetaVersion!=nil{w=*l.Label.BetaVersion}; fmt.Printf("BETA %s | %s | %q | token %q\n",l.ID,w,e.BetaVersion,e.APIVersion())}
  n++
  if n%6==0 {fmt.Printf("SUM %s %.70s => %s\n",l.ID,l.Title,e.Summary)}
 }}
}
