"""The words of job titles in English, German, French and Spanish, folded: no case, no accents.

Pure tables. A phrase is words with single spaces; the longest that fits wins.
"""

from __future__ import annotations


def _table(rows: dict[str, str]) -> dict[tuple[str, ...], str]:
    """One meaning a line, its phrases parted by commas."""
    return {
        tuple(phrase.split()): meaning
        for meaning, phrases in rows.items()
        for phrase in phrases.split(",")
    }


RANKS = _table(
    {
        "C_LEVEL": (
            "ceo,cfo,coo,cto,cio,ciso,cmo,cro,chro,cpo,cso,cdo,cco,cxo,clo,cino,c level,"
            "chief executive,managing director,president,chairman,chairwoman,chairperson,chair,"
            "managing partner,general partner,senior partner,founding partner,equity partner,"
            "owner,co owner,business owner,founder,co founder,cofounder,proprietor,entrepreneur,"
            "geschaftsfuhrer,geschaftsfuhrerin,geschaftsfuhrung,geschaftsleitung,gf,vorstand,"
            "vorstandin,vorstandsvorsitzender,vorstandsvorsitzende,vorstandsmitglied,inhaber,"
            "inhaberin,grunder,grunderin,mitgrunder,mitgrunderin,gesellschafter,gesellschafterin,"
            "selbststandig,selbstandig,prasident,prasidentin,unternehmer,unternehmerin,"
            "pdg,dg,directeur general,directrice generale,gerant,gerante,fondateur,fondatrice,"
            "cofondateur,cofondatrice,co fondateur,co fondatrice,proprietaire,president directeur"
            " general,presidente,chef d entreprise,dirigeant,dirigeante,daf,drh,dsi,"
            "director general,directora general,consejero delegado,consejera delegada,"
            "gerente general,fundador,fundadora,cofundador,cofundadora,dueno,duena,propietario,"
            "propietaria,empresario,empresaria,administrador unico"
        ),
        "VP": (
            "vp,svp,evp,avp,rvp,gvp,vice president,vicepresident,vizeprasident,vizeprasidentin,"
            "vice presidente,vicepresidente,vicepresidenta"
        ),
        "DIRECTOR": (
            "director,dir,direktor,direktorin,directeur,directrice,directora,general manager,gm,"
            "prokurist,prokuristin,subdirector,subdirectora"
        ),
        "HEAD": (
            "head,leiter,leiterin,leitung,bereichsleiter,bereichsleiterin,abteilungsleiter,"
            "abteilungsleiterin,hauptabteilungsleiter,responsable,jefe,jefa,chef de service,"
            "chef des ventes,chef du service,chief of staff,chief,leitender,leitende"
        ),
        "MANAGER": (
            "manager,mgr,managerin,gerente,teamleiter,teamleiterin,teamleitung,team lead,"
            "team leader,teamlead,projektleiter,projektleiterin,projektleitung,project lead,"
            "gruppenleiter,gruppenleiterin,schichtleiter,supervisor,supervisora,chef de projet,"
            "chef de produit,chef d equipe,cheffe de projet,cheffe de produit,jefe de proyecto,"
            "jefa de proyecto,encargado,encargada,superintendent,foreman,gestionnaire"
        ),
        "SENIOR": "senior,sr,snr,lead,principal,staff engineer,expert,expertin,experte,confirme",
        "STAFF": (
            "account manager,key account manager,account executive,kam,sdr,bdr,ae,engineer,"
            "developer,analyst,specialist,consultant,representative,rep,executive,coordinator,"
            "associate,buyer,accountant,designer,administrator,admin,assistant,advisor,adviser,"
            "officer,clerk,agent,technician,recruiter,programmer,architect,scientist,planner,"
            "controller,auditor,bookkeeper,lawyer,attorney,paralegal,teacher,nurse,operator,"
            "salesperson,salesman,saleswoman,secretary,receptionist,junior,jr,sachbearbeiter,"
            "sachbearbeiterin,referent,referentin,mitarbeiter,mitarbeiterin,fachkraft,berater,"
            "beraterin,entwickler,entwicklerin,ingenieur,ingenieurin,techniker,technikerin,"
            "einkaufer,einkauferin,verkaufer,verkauferin,buchhalter,buchhalterin,kaufmann,"
            "kauffrau,angestellte,angestellter,spezialist,spezialistin,charge,chargee,employe,"
            "employee,acheteur,acheteuse,vendeur,vendeuse,comptable,technicien,technicienne,"
            "developpeur,developpeuse,conseiller,conseillere,juriste,analista,tecnico,tecnica,"
            "ingeniero,ingeniera,desarrollador,desarrolladora,comprador,compradora,vendedor,"
            "vendedora,especialista,asesor,asesora,contable,contador,contadora,abogado,abogada,"
            "product owner,process owner,data owner,business partner,scrum master,webmaster"
        ),
        "INTERN": (
            "intern,praktikant,praktikantin,trainee,werkstudent,werkstudentin,working student,"
            "stagiaire,alternant,alternante,apprenti,apprentie,apprentice,azubi,auszubildender,"
            "auszubildende,lehrling,volontar,volontarin,becario,becaria,practicante,pasante"
        ),
    }
)

FUNCTIONS = _table(
    {
        "SALES": (
            "sales,sale,account executive,account manager,key account manager,key account,"
            "account management,kam,sdr,bdr,ae,cro,cco,business development,bizdev,bd,biz dev,"
            "revenue,revenue operations,revops,sales operations,sales ops,sales engineer,presales,"
            "pre sales,sales development,inside sales,partner manager,partnerships,alliances,"
            "channel,commercial,commerciale,commerciaux,chief revenue officer,salesperson,"
            "salesman,saleswoman,field sales,go to market,gtm,vente,ventes,vendeur,vendeuse,ventas,"
            "comercial,vendedor,vendedora,aussendienst,innendienst,sales enablement,new business"
        ),
        "MARKETING": (
            "marketing,cmo,product marketing,marketing operations,demand generation,demand gen,"
            "growth,brand,branding,communications,communication,comunicacion,pr,public relations,"
            "content,seo,sem,social media,community manager,kommunikation,mercadotecnia,mktg,"
            "digital marketing,performance marketing,events,mercadeo,werbung,publicidad"
        ),
        "IT": (
            "it,cio,ciso,cdo,dsi,information technology,information security,infosec,"
            "cyber security,cybersecurity,security,infrastructure,network,systems,system,"
            "sysadmin,system administrator,systems administrator,edv,edi,crm,erp,data,database,"
            "informatique,informatica,sistemas,tecnologia,information systems,digital,helpdesk,"
            "business intelligence,bi,digitalisierung,digitalization,it operations,it support,"
            "devops,webmaster,salesforce administrator,business analyst,si,si i"
        ),
        "ENGINEERING": (
            "engineer,engineering,cto,developer,software development,software,r d,r and d,rd,"
            "research and development,research development,research,programmer,architect,"
            "data science,data scientist,data engineer,staff engineer,ingenieur,ingenieurin,"
            "ingenieria,ingeniero,ingeniera,technischer,technische,technical,technique,technik,"
            "f e,entwicklung,entwickler,entwicklerin,konstruktion,developpement,developpeur,"
            "developpeuse,desarrollo,desarrollador,desarrolladora,i d,i mas d,qa,scientist,"
            "machine learning,design engineer,technology,forschung"
        ),
        "FINANCE": (
            "finance,financial,cfo,daf,accounting,accountant,accounts,accounts payable,controller,"
            "controlling,treasury,treasurer,tax,audit,auditor,bookkeeper,fp a,finanzen,"
            "rechnungswesen,comptable,comptabilite,financier,financiere,finanzas,financiero,"
            "financiera,contable,contador,contadora,contabilidad,investor relations,billing,"
            "finances,steuern,tesoreria"
        ),
        "HR": (
            "hr,human resources,human resource,chro,drh,rh,rrhh,people,people operations,talent,"
            "talent acquisition,recruiting,recruiter,recruitment,payroll,personal,"
            "hr business partner,ressources humaines,recursos humanos,people and culture,"
            "learning and development,learning development,personnel,training,hrbp"
        ),
        "OPERATIONS": (
            "operations,operation,ops,coo,logistics,logistic,supply chain,scm,warehouse,production,"
            "plant,manufacturing,quality,fulfillment,fulfilment,facility,facilities,betrieb,"
            "werk,lager,produktion,qualitat,qualite,logistique,logistica,produccion,operaciones,"
            "exploitation,operativo,process,process owner,pmo,transport,maintenance,"
            "instandhaltung,calidad,cadena de suministro,lean,continuous improvement"
        ),
        "LEGAL": (
            "legal,lawyer,attorney,counsel,general counsel,clo,paralegal,compliance,recht,"
            "juridique,juriste,juridico,abogado,abogada,privacy,data protection,datenschutz,dpo,"
            "legal operations,avocat,avocate,contracts,syndikus"
        ),
        "PURCHASING": (
            "purchasing,purchase,procurement,buyer,sourcing,strategic sourcing,category manager,"
            "einkauf,einkaufer,einkauferin,beschaffung,achat,achats,acheteur,acheteuse,compras,"
            "comprador,compradora,vendor management,supplier management"
        ),
        "PRODUCT": (
            "product,product manager,product owner,product management,products,ux,ui,"
            "user experience,"
            "produkt,produktmanagement,produktmanager,produktmanagerin,chef de produit,"
            "cheffe de produit,produit,producto,product design,productos"
        ),
        "SUPPORT": (
            "support,customer support,customer service,customer success,customer care,"
            "customer experience,cx,csm,client services,client success,technical support,"
            "support engineer,service desk,after sales,aftersales,kundendienst,kundenservice,"
            "kundenbetreuung,kundenbetreuer,service client,sav,relation client,"
            "atencion al cliente,servicio al cliente,soporte,support client,call center"
        ),
        "OWNER": (
            "owner,co owner,business owner,founder,co founder,cofounder,proprietor,entrepreneur,"
            "inhaber,inhaberin,grunder,grunderin,mitgrunder,mitgrunderin,gesellschafter,"
            "gesellschafterin,unternehmer,unternehmerin,fondateur,fondatrice,cofondateur,"
            "cofondatrice,co fondateur,co fondatrice,proprietaire,fundador,fundadora,cofundador,"
            "cofundadora,dueno,duena,propietario,propietaria,empresario,empresaria,"
            "managing partner,general partner,founding partner,equity partner,selbststandig,"
            "selbstandig,chef d entreprise"
        ),
        "MANAGEMENT": (
            "ceo,chief executive,managing director,president,chairman,chairwoman,geschaftsfuhrer,"
            "geschaftsfuhrerin,geschaftsfuhrung,geschaftsleitung,gf,vorstand,vorstandin,"
            "vorstandsvorsitzender,vorstandsvorsitzende,pdg,dg,directeur general,"
            "directrice generale,gerant,gerante,president directeur general,director general,"
            "directora general,consejero delegado,consejera delegada,gerente general,"
            "general manager,gm,chief of staff,dirigeant,dirigeante"
        ),
        "": (
            "vp,vice president,vicepresidente,vice presidente,vizeprasident,werkstudent,"
            "werkstudentin"
        ),
    }
)

STEMS = (
    ("vertrieb", "SALES"), ("verkauf", "SALES"), ("marketing", "MARKETING"),
    ("einkauf", "PURCHASING"), ("beschaffung", "PURCHASING"), ("personalleit", "HR"),
    ("personalreferent", "HR"), ("personalabteil", "HR"), ("personalwesen", "HR"),
    ("personalentwickl", "HR"), ("personalchef", "HR"), ("finanz", "FINANCE"),
    ("buchhalt", "FINANCE"), ("comptab", "FINANCE"), ("entwicklung", "ENGINEERING"),
    ("softwareentwickl", "ENGINEERING"), ("konstrukt", "ENGINEERING"),
    ("produktion", "OPERATIONS"), ("produktmanag", "PRODUCT"), ("rechtsa", "LEGAL"),
    ("jurist", "LEGAL"), ("logistik", "OPERATIONS"), ("werks", "OPERATIONS"),
    ("betriebs", "OPERATIONS"), ("qualitats", "OPERATIONS"), ("kundenbetreu", "SUPPORT"),
    ("kundendienst", "SUPPORT"), ("kundenservice", "SUPPORT"), ("informatik", "IT"),
    ("systemadmin", "IT"), ("datenschutz", "LEGAL"), ("vorstands", "MANAGEMENT"),
)  # fmt: skip
"""Beginnings of German compounds, and what they are about."""

ASSISTANTS = frozenset(
    ("assistant", "assistent", "assistentin", "assistenz", "assistante", "asistente", "secretary",
     "sekretar", "sekretarin", "sekretariat", "secretaire", "secretario", "secretaria", "pa", "ea",
     "vorstandsassistenz", "vorstandsassistentin", "vorstandsassistent", "direktionsassistentin",
     "direktionsassistenz", "gfassistenz", "managementassistentin", "teamassistenz",
     "teamassistentin", "chefsekretarin", "vorstandssekretarin")
)  # fmt: skip
"""Who assists somebody has not that one's rank."""

HELD_BY_DEPUTY = frozenset(("vice", "director", "manager", "general", "vp", "head", "professor"))
"""“Assistant vice president” is a rank; “assistant to the vice president” is an assistant."""

PAST_OR_TO_COME = frozenset(
    ("former", "formerly", "ex", "retired", "ehemaliger", "ehemalige", "ehem", "ancien", "ancienne",
     "exdirector", "jubilado", "aspiring", "future", "pensioner", "rentner", "rentnerin",
     "unemployed", "retraite")
)  # fmt: skip
"""What follows is no position that somebody holds."""

_OF_SOMEBODY = (
    "der geschaftsfuhrung,der geschaftsleitung,des vorstands,des vorstandes,de direction,"
    "de la direction,du pdg,de direccion,de la direccion,del ceo,de gerencia,of the ceo,to,beim,"
    "fur die geschaftsfuhrung"
)
OF_SOMEBODY = tuple(tuple(phrase.split()) for phrase in _OF_SOMEBODY.split(","))
"""What stands after these is somebody else's rank …"""

MEMBERS = frozenset(("mitglied", "vorsitzender", "vorsitzende", "sprecher", "sprecherin", "membre"))
"""… unless one of these is a member of it."""
