// The page at "/": which models are served, and what they say of a picture that is dropped on it. Nothing is fetched
// from elsewhere; what comes from models and files is written as text.
#include "vetset/serve/http_route.h"

namespace vetset {

std::string_view serve_page() {
  return R"html(<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>vetset serve</title><style>
:root{color-scheme:light dark;--line:#8884;--ink:light-dark(#1a1f24,#e6e9ec);--soft:light-dark(#5a646e,#9aa5af);--paper:light-dark(#fff,#14181c);--mark:#0a7d5a}
*{box-sizing:border-box}body{margin:0;font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper)}
main{max-width:60rem;margin:0 auto;padding:2rem 1rem}h1{font-size:1.4rem;margin:0 0 1rem}h1 small{font-weight:400;color:var(--soft)}
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.4rem .8rem .4rem 0;border-bottom:1px solid var(--line);vertical-align:top}
th{color:var(--soft);font-weight:500}code{font:.9em ui-monospace,monospace;overflow-wrap:anywhere}
#drop{display:block;margin:1.5rem 0 1rem;padding:2.2rem;border:2px dashed var(--line);border-radius:.6rem;text-align:center;cursor:pointer}
#drop:focus-within,#drop.over{border-color:var(--mark)}#drop input{position:absolute;opacity:0;width:1px}
select{font:inherit;padding:.2rem .4rem}#view{display:flex;gap:1.5rem;flex-wrap:wrap;align-items:flex-start}
canvas{max-width:100%;height:auto;border-radius:.3rem}#found{flex:1;min-width:14rem}.no{color:#b3261e}
</style></head><body><main>
<h1>vetset <small id="state" role="status">…</small></h1>
<table id="models"><thead><tr><th>model<th>takes<th>gives</thead><tbody></tbody></table>
<label id="drop"><input type="file" accept="image/*" id="file">Drop a picture here, or choose one
<span id="which"></span></label>
<div id="view"><canvas id="canvas" width="0" height="0" role="img" aria-label="the picture with what was found"></canvas>
<div id="found" aria-live="polite"></div></div>
</main><script>
const $=id=>document.getElementById(id);let models=[];
const cell=(row,text)=>{const c=row.insertCell();const k=document.createElement('code');k.textContent=text;c.append(k)};
async function start(){
  const ready=await fetch('v2/health/ready');$('state').textContent=ready.ok?'is ready':'is not ready';
  models=await(await fetch('v2/repository/index',{method:'POST'})).json();
  for(const m of models){const d=await(await fetch('v2/models/'+encodeURIComponent(m.name))).json();
    const row=$('models').tBodies[0].insertRow();cell(row,m.name);
    const told=l=>l.map(t=>t.name+' '+t.datatype+' ['+t.shape.join(', ')+']').join('\n');cell(row,told(d.inputs));cell(row,told(d.outputs))}
  if(models.length>1){const s=document.createElement('select');s.id='model';s.ariaLabel='model';
    for(const m of models)s.add(new Option(m.name));$('which').append(' for ',s);s.onclick=e=>e.preventDefault()}}
async function show(file){
  if(!file)return;const name=models.length>1?$('model').value:models[0]?.name;const found=$('found');found.textContent='…';
  const began=performance.now();const r=await fetch('predict/'+encodeURIComponent(name),{method:'POST',body:file});
  const took=performance.now()-began;const a=await r.json();
  if(!r.ok){found.textContent=a.error;found.className='no';return}found.className='';
  const picture=await createImageBitmap(file,{imageOrientation:'from-image'});const canvas=$('canvas');
  canvas.width=a.width;canvas.height=a.height;const c=canvas.getContext('2d');c.drawImage(picture,0,0,a.width,a.height);
  const list=a.detections||a.classes||[];const hue=id=>'hsl('+(id*67)%360+' 75% 45%)';const line=Math.max(2,a.width/320);
  for(const d of a.detections||[]){c.strokeStyle=c.fillStyle=hue(d.id);c.lineWidth=line;
    if(d.angle){const[x,y,w,h]=d.box;c.save();c.translate(x,y);c.rotate(d.angle[0]);c.strokeRect(-w/2,-h/2,w,h);c.restore()}
    else{const[x1,y1,x2,y2]=d.box;c.strokeRect(x1,y1,x2-x1,y2-y1)}
    for(let k=0;k<(d.keypoints||[]).length;k+=3){c.beginPath();c.arc(d.keypoints[k],d.keypoints[k+1],line*1.5,0,7);c.fill()}}
  found.textContent='';const p=document.createElement('p');
  p.textContent=list.length+' found in '+took.toFixed(0)+' ms';const t=document.createElement('table');
  for(const d of list){const row=t.insertRow();const n=row.insertCell();n.textContent=d.class;n.style.borderLeft='.4rem solid '+hue(d.id);n.style.paddingLeft='.6rem';
    row.insertCell().textContent=d.score.toFixed(3)}found.append(p,t)}
$('file').onchange=e=>show(e.target.files[0]);const drop=$('drop');
for(const e of['dragover','dragleave','drop'])drop.addEventListener(e,v=>{v.preventDefault();drop.classList.toggle('over',e=='dragover');if(e=='drop')show(v.dataTransfer.files[0])});
start();
</script></body></html>
)html";
}

}  // namespace vetset
