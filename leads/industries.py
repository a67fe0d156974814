"""Industries in many spellings, to the product's own list. Pure.

What CRMs offer in their lists, what LinkedIn calls them, the sections of NACE and SIC, and the
words for them in English, German, French and Spanish. A word that nobody knows stays as written.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

_SPELLINGS = {
    "Aerospace and Defence": (
        "aerospace,defense,defence,aviation and aerospace,aviation and aerospace component "
        "manufacturing,defense and space,defense and space manufacturing,airlines and aviation,"
        "luft und raumfahrt,aeronautique,aeroespacial,military,space"
    ),
    "Agriculture": (
        "farming,agribusiness,rural and agribusiness,agriculture forestry and fishing,forestry,"
        "fishery,fishing,ranching,dairy,landwirtschaft,agrar,agricultura,agroalimentaire,"
        "land und forstwirtschaft,paper and forest products,agriculture and farming"
    ),
    "Automotive": (
        "automobile,automotive industry,motor vehicle manufacturing,car industry,automobil,"
        "automobilindustrie,fahrzeugbau,automovil,automocion,car accessories,vehicles"
    ),
    "Chemicals": (
        "chemical,chemical manufacturing,chemie,chemische industrie,chimie,quimica,plastics,"
        "plastics manufacturing"
    ),
    "Construction": (
        "building,building materials,civil engineering,architecture,architecture and planning,"
        "baugewerbe,bauwesen,bau,bauindustrie,batiment,btp,construccion,building construction"
    ),
    "Consumer Goods": (
        "consumer products,fmcg,cpg,consumer packaged goods,apparel,apparel and fashion,fashion,"
        "cosmetics,health beauty,konsumguter,luxury goods,luxury goods and jewelry,textiles,"
        "furniture,sporting goods,toys,biens de consommation,bienes de consumo,tobacco,"
        "consumer electronics,home appliances,wearing apparel"
    ),
    "Education": (
        "higher education,e learning,elearning,education management,primary secondary education,"
        "schools,university,universities,training,professional training and coaching,bildung,"
        "bildungswesen,enseignement,educacion,educational services,academia,research,edtech,k 12,"
        "erziehung und unterricht,primary and secondary education,academic"
    ),
    "Energy": (
        "oil and energy,oil and gas,oil gas,utilities,renewables,renewables and environment,"
        "renewable energy,power,electricity,gas,water,environmental,environmental services,"
        "energie,energiewirtschaft,energieversorgung,energia,electric gas and sanitary services,"
        "electricity gas steam and air conditioning supply,petroleum,solar,nuclear"
    ),
    "Financial Services": (
        "finance,banking,bank,banks,investment banking,investment management,capital markets,"
        "venture capital,venture capital and private equity,private equity,fintech,accounting,"
        "credit unions,wealth management,asset management,finanzen,finanzdienstleistungen,"
        "finanzwesen,services financiers,banque,servicios financieros,banca,finanzas,"
        "financial and insurance activities,finance insurance and real estate,"
        "banking investment and insurance,finance and insurance,finanz,financial"
    ),
    "Food and Beverages": (
        "food and beverage,food,beverages,food and drink,food production,food drink,"
        "food and beverage manufacturing,wine and spirits,lebensmittel,nahrungsmittel,"
        "lebensmittelindustrie,agroalimentario,alimentacion,alimentation,food supplement"
    ),
    "Healthcare": (
        "health care,health,medical,medical devices,medical device,medical equipment,hospital,"
        "hospitals,hospital and health care,hospitals and health care,health wellness and fitness,"
        "mental health care,healthtech,gesundheit,gesundheitswesen,medizintechnik,sante,salud,"
        "human health and social work activities,health services,healthcare services,pflege,"
        "sanidad,medical practice,medical practices,veterinary"
    ),
    "Hospitality": (
        "hotels,hotel,restaurants,restaurant,travel,tourism,travel and tourism,leisure,"
        "leisure travel and tourism,accommodation and food service activities,accommodation,"
        "gastronomie,gastgewerbe,hotellerie,tourismus,hosteleria,turismo,food service,"
        "food services,food and beverage services,travel arrangements,events services,hospitality"
        " and tourism,gambling and casinos"
    ),
    "IT Services": (
        "it service,information technology and services,information technology services,"
        "it services and it consulting,it consulting,managed services,msp,it dienstleistungen,"
        "it dienstleister,it beratung,system integration,systems integrator,edv,"
        "services informatiques,servicios informaticos,it und services,computer services,"
        "data services,hosting,cloud services,esn,ssii"
    ),
    "Insurance": (
        "versicherung,versicherungen,versicherungswesen,assurance,assurances,seguros,insurtech,"
        "insurance carriers,insurance and pension funds"
    ),
    "Logistics": (
        "logistics and supply chain,logistic,supply chain,transportation,transport,trucking,"
        "shipping,freight,package freight delivery,transportation logistics supply chain and "
        "storage,transportation and storage,warehousing,maritime,railroad,rail,logistik,spedition,"
        "transport und logistik,verkehr und lagerei,transport et logistique,logistique,logistica,"
        "transporte,courier,delivery,import and export,transportation and public utilities,"
        "freight and package transportation,truck transportation,transport and logistics"
    ),
    "Manufacturing": (
        "machinery,machinery manufacturing,industrial,industrial automation,industrial goods,"
        "mechanical engineering,mechanical or industrial engineering,engineering,electrical,"
        "electrical electronic manufacturing,packaging,packaging and containers,production,"
        "maschinenbau,anlagenbau,fertigung,industrie,produzierendes gewerbe,"
        "verarbeitendes gewerbe,fabrication,industria,manufactura,metal,metals,metallverarbeitung,"
        "glass ceramics and concrete,elektrotechnik,industrial machinery manufacturing,"
        "mechanical and industrial engineering,manufacture"
    ),
    "Marketing and Advertising": (
        "marketing,advertising,advertising services,marketing services,public relations,"
        "public relations and communications,market research,werbung,publicite,publicidad,"
        "marketing und werbung,media and advertising,agency,digital agency,werbeagentur"
    ),
    "Media": (
        "entertainment,publishing,broadcast media,broadcasting,online media,newspapers,music,"
        "media production,motion pictures and film,film,games,gaming,computer games,arts,medien,"
        "verlag,verlagswesen,medias,medios,media and entertainment,information and media,"
        "performing arts,photography,printing,media and communications,arts entertainment and "
        "recreation,sports,museums,writing and editing"
    ),
    "Mining and Metals": "mining,mining and quarrying,bergbau,mines,mineria,steel,stahl",
    "Non-profit": (
        "nonprofit,not for profit,non profit organization,non profit organizations,"
        "non profit organization management,nonprofit organization management,ngo,charity,"
        "philanthropy,civic and social organization,fundraising,gemeinnutzig,verein,association,"
        "stiftung,ong,sin fines de lucro,religious,religious institutions,membership organizations"
    ),
    "Pharmaceuticals": (
        "pharma,pharmaceutical,pharmaceutical manufacturing,biotechnology,biotech,life sciences,"
        "life science,pharmazie,pharmaindustrie,pharmaceutique,farmaceutica,biotechnology research,"
        "biotechnologie"
    ),
    "Professional Services": (
        "consulting,management consulting,business consulting,business consulting and services,"
        "consultancy,legal,legal services,law,law practice,law firm,services,service provider,"
        "professional scientific and technical activities,outsourcing,outsourcing offshoring,"
        "beratung,unternehmensberatung,dienstleistungen,freiberufliche dienstleistungen,conseil,"
        "services professionnels,servicios profesionales,consultoria,accounting services,"
        "business services,research services,design,design services,translation and localization,"
        "business supplies and equipment,program development,wirtschaftsprufung,steuerberatung"
    ),
    "Public Sector": (
        "government,government administration,public administration,government military,"
        "public policy,public safety,law enforcement,judiciary,political organization,"
        "offentlicher dienst,offentlicher sektor,offentliche verwaltung,verwaltung,behorde,"
        "secteur public,administration publique,sector publico,administracion publica,"
        "international affairs,legislative office,executive office,municipal"
    ),
    "Real Estate": (
        "property,commercial real estate,real estate activities,leasing real estate,immobilien,"
        "immobilienwirtschaft,grundstucks und wohnungswesen,immobilier,inmobiliaria,"
        "bienes raices,proptech,facilities services,property management"
    ),
    "Retail": (
        "retail trade,e commerce,ecommerce,online retail,internet retail,supermarkets,"
        "retail apparel and fashion,retail groceries,einzelhandel,handel,versandhandel,"
        "onlinehandel,commerce de detail,distribution,comercio,comercio minorista,"
        "retail and e commerce,shops,grocery"
    ),
    "Software": (
        "saas,software development,computer software,software as a service,internet software,"
        "internet software and services,software and internet,internet,softwareentwicklung,"
        "logiciel,logiciels,editeur de logiciels,programacion,desarrollo de software,apps,"
        "computer programming,software publishing,software publishers,it software,"
        "technology information and internet"
    ),
    "Staffing": (
        "staffing and recruiting,recruiting,recruitment,human resources,human resources services,"
        "hr services,employment,personaldienstleistung,zeitarbeit,personalvermittlung,interim,"
        "recrutement,recursos humanos,employment activities,executive search"
    ),
    "Technology": (
        "tech,technolgy,information technology,it,hardware,computer hardware,electronics,"
        "semiconductors,computers,computer,computer networking,computer and network security,"
        "cyber security,cybersecurity,high tech,hightech,technologie,tecnologia,"
        "informationstechnologie,informationstechnik,nanotechnology,robotics,"
        "information and communication technology,ict,iot,elektronik,informatik,informatique,"
        "informatica,semiconductor manufacturing,technology hardware"
    ),
    "Telecommunications": (
        "telecommunication,telecom,telecoms,communications,wireless,telekommunikation,"
        "telecommunications,telecomunicaciones,isp,internet service provider,phone mobile,"
        "information and communication"
    ),
    "Wholesale": (
        "wholesale trade,trading,international trade and development,grosshandel,import export,"
        "commerce de gros,negoce,comercio mayorista,wholesale and retail trade,wholesalers"
    ),
}
NAMES = tuple(_SPELLINGS)
"""The product's own list."""

# Divisions of NACE (rev. 2) and major groups of SIC, by their first two digits.
_NACE = (
    (1, 3, "Agriculture"), (5, 9, "Mining and Metals"), (10, 12, "Food and Beverages"),
    (13, 15, "Consumer Goods"), (16, 19, "Manufacturing"), (20, 20, "Chemicals"),
    (21, 21, "Pharmaceuticals"), (22, 28, "Manufacturing"), (29, 29, "Automotive"),
    (30, 33, "Manufacturing"), (35, 39, "Energy"), (41, 43, "Construction"),
    (45, 46, "Wholesale"), (47, 47, "Retail"), (49, 53, "Logistics"), (55, 56, "Hospitality"),
    (58, 60, "Media"), (61, 61, "Telecommunications"), (62, 63, "IT Services"),
    (64, 64, "Financial Services"), (65, 65, "Insurance"), (66, 66, "Financial Services"),
    (68, 68, "Real Estate"), (69, 72, "Professional Services"),
    (73, 73, "Marketing and Advertising"), (74, 75, "Professional Services"), (78, 78, "Staffing"),
    (79, 79, "Hospitality"), (84, 84, "Public Sector"), (85, 85, "Education"),
    (86, 88, "Healthcare"), (90, 93, "Media"), (94, 94, "Non-profit"),
)  # fmt: skip
_SECTIONS = {
    "A": "Agriculture", "B": "Mining and Metals", "C": "Manufacturing", "D": "Energy",
    "E": "Energy", "F": "Construction", "G": "Wholesale", "H": "Logistics", "I": "Hospitality",
    "K": "Financial Services", "L": "Real Estate", "M": "Professional Services",
    "O": "Public Sector", "P": "Education", "Q": "Healthcare",
}  # fmt: skip
_SIC = (
    (1, 9, "Agriculture"), (10, 14, "Mining and Metals"), (15, 17, "Construction"),
    (20, 20, "Food and Beverages"), (21, 27, "Manufacturing"), (28, 28, "Chemicals"),
    (29, 36, "Manufacturing"), (37, 37, "Automotive"), (38, 39, "Manufacturing"),
    (40, 47, "Logistics"), (48, 48, "Telecommunications"), (49, 49, "Energy"),
    (50, 51, "Wholesale"), (52, 57, "Retail"), (58, 58, "Hospitality"), (59, 59, "Retail"),
    (60, 62, "Financial Services"), (63, 64, "Insurance"), (65, 65, "Real Estate"),
    (67, 67, "Financial Services"), (70, 70, "Hospitality"), (78, 79, "Media"),
    (80, 80, "Healthcare"), (81, 81, "Professional Services"), (82, 82, "Education"),
    (86, 86, "Non-profit"), (87, 87, "Professional Services"), (91, 97, "Public Sector"),
)  # fmt: skip
_SIC_IN_FULL = {"7371": "Software", "7372": "Software", "7373": "IT Services",
                "7374": "IT Services", "7311": "Marketing and Advertising",
                "7361": "Staffing", "7363": "Staffing", "2834": "Pharmaceuticals",
                "2836": "Pharmaceuticals", "3711": "Automotive"}  # fmt: skip
_NACE_IN_FULL = {"582": "Software", "6201": "Software"}
_NACE_CODE = re.compile(
    r"(?:nace|wz|naf)?[ :]*(?:([a-u])[ .]?)?(\d\d)(?:\.(\d{1,2}))?(?:\.\d|[. ]?[a-z]\b)?(?![\w.])"
)
_SIC_CODE = re.compile(r"sic[ :]*(\d{4})\b")
_SECTION = re.compile(r"(?:nace(?: section)?|section)[ :]+([a-u])\b")


@dataclass(frozen=True, slots=True)
class Kept:
    """Industries, in small letters, that rules look for: whole ones, and parts of them."""

    whole: frozenset[str] = frozenset()
    parts: frozenset[str] = frozenset()

    def __contains__(self, written: str) -> bool:
        small = written.casefold()
        return small in self.whole or any(part in small for part in self.parts)


NOTHING = Kept()


def read(written: str, *, kept: Kept = NOTHING) -> str:
    """Return the industry in the product's own words; a word nobody knows comes back as written.

    What the rules in force look for, `kept`, is never put in other words.
    """
    return written if written in kept else _known(written) or written


def looked_for(document: object) -> Kept:
    """The industries that conditions in a kit's document look for."""
    whole: set[str] = set()
    parts: set[str] = set()
    waiting = [document]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Mapping):
            if one.get("fact") == "company.industry":
                value = one.get("value")
                found = parts if one.get("op") in ("contains", "starts_with") else whole
                words = value if isinstance(value, list) else [value]
                found |= {word.casefold() for word in words if isinstance(word, str) and word}
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
    return Kept(frozenset(whole), frozenset(parts))


def names() -> list[str]:
    """The product's own list, in the order of the alphabet."""
    return sorted(_SPELLINGS)


@lru_cache(maxsize=8192)
def _known(written: str) -> str:
    folded = _folded(written)
    return _names().get(folded) or _names().get(_bare(folded)) or _of_code(written.casefold())


def _of_code(text: str) -> str:
    """The industry of a NACE code (62.01, J62, WZ 47.1) or of a SIC code that says it is one."""
    text = text.strip()
    if (sic := _SIC_CODE.match(text)) is not None:
        code = sic[1]
        return _SIC_IN_FULL.get(code, "") or _within(_SIC, int(code[:2]))
    if (section := _SECTION.match(text)) is not None:
        return _SECTIONS.get(section[1].upper(), "")
    found = _NACE_CODE.match(text)
    # A bare number may be anything: a code has a letter, a dot or the name of its list.
    if found is None or not (found[1] or found[3] or text.startswith(("nace", "wz", "naf"))):
        return ""
    if found.end() < len(text) and text[found.end()] not in " -–:,":
        return ""
    full = found[2] + (found[3] or "")
    exact = _NACE_IN_FULL.get(full[:4]) or _NACE_IN_FULL.get(full[:3])
    return exact or _within(_NACE, int(found[2]))


def _within(ranges: tuple[tuple[int, int, str], ...], division: int) -> str:
    return next((name for low, high, name in ranges if low <= division <= high), "")


def _folded(text: str) -> str:
    """Small letters and single spaces; COMPUTER_SOFTWARE and “Computer  software” are one."""
    spelt = text.casefold().replace("&", " and ").replace("+", " and ").replace("ß", "ss")
    parts = unicodedata.normalize("NFKD", spelt)
    plain = "".join(one for one in parts if not unicodedata.combining(one))
    return " ".join(re.findall(r"[^\W_]+", plain))


def _bare(folded: str) -> str:
    """Without what CRMs append: industry, sector, other."""
    appended = r"^(?:other |the )|(?: industry| industries| sector| branche| and other)$"
    return re.sub(appended, "", folded)


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    found = {one.strip(): name for name, words in _SPELLINGS.items() for one in words.split(",")}
    return found | {_folded(name): name for name in NAMES}
